/** What is: in MLflow and in the cluster. */
package io.irisoperator.operator.observe;
