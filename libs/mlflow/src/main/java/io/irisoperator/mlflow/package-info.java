/**
 * A client for MLflow 2.x and 3.x.
 *
 * <p>It stands on MLflow's Java client, whose last version is 2.17. What that client does not
 * support (aliases, logged models, inputs) goes through its requests for any path. What it lacks is
 * here: a deadline for each call, connections that do not wait for each other, artifacts without
 * Python. Two of its habits remain: it sends a request that fails with an error status up to three
 * times, also one that creates something, and it trusts the JVM's certificate authorities only.
 *
 * @see <a href="https://mlflow.org/docs/latest/rest-api.html">the REST API</a>
 */
package io.irisoperator.mlflow;
