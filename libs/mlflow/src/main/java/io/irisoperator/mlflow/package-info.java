/**
 * What the operator, the server and the trainer ask of MLflow, over its REST API.
 *
 * <p>MLflow's own Java client stopped at 2.17: it knows no logged models, forks a Python program
 * for artifacts, and takes no time limit. Works with 2.x and 3.x servers.
 *
 * @see <a href="https://mlflow.org/docs/latest/rest-api.html">the REST API</a>
 */
package io.irisoperator.mlflow;
