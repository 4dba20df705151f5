/** Labelled rows of flowers: files, readers, checks. */
package io.irisoperator.evaluation.data;
