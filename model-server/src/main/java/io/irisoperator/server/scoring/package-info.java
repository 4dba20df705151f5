/** What clients of {@code mlflow models serve} ask for. */
package io.irisoperator.server.scoring;
