/** The endpoints of MLflow's scoring server, {@code mlflow models serve}. */
package io.irisoperator.server.protocol.mlflow;
