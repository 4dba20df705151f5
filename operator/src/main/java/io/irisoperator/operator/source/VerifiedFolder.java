package io.irisoperator.operator.source;

import java.net.URI;

/** A model folder that was read and can be served. */
record VerifiedFolder(String artifactUri, String digest) {

  /**
   * Identifies a model's bytes.
   *
   * @param artifact the artifact path in the run, or {@code models:/…} for a registered version
   */
  record Key(URI trackingUri, String runId, String artifact) {}
}
