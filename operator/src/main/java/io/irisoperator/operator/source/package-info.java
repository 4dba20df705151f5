/** From what a resource selects in MLflow to a verified model. */
package io.irisoperator.operator.source;
