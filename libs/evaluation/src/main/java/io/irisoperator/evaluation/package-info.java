/** Scores of a model and statistics of a data set. */
package io.irisoperator.evaluation;
