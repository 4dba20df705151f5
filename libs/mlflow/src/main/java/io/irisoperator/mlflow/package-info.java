/**
 * A client for MLflow 2.x and 3.x: a deadline for each call, credentials and certificates for each
 * connection, artifacts without Python.
 *
 * @see <a href="https://mlflow.org/docs/latest/api_reference/rest-api.html">the REST API</a>
 */
package io.irisoperator.mlflow;
