/** Datasets, scores and significance tests. */
package io.irisoperator.evaluation;
