package io.irisoperator.operator.source;

import io.irisoperator.mlflow.Connection;

/** A model folder that was read and can be served. */
record VerifiedFolder(String artifactUri, String digest) {

  /**
   * Identifies a model's bytes, as far as a connection may read them.
   *
   * @param artifact the artifact path in the run, or {@code models:/…} for a registered version
   */
  record Key(Connection connection, String runId, String artifact) {}
}
