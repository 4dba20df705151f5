/** Reads the cluster and MLflow, and judges nothing. */
package io.irisoperator.operator.observe;
