package io.irisoperator.operator.observe;

import java.net.URI;

/** A model folder that was read and can be served. */
record VerifiedFolder(String artifactUri, String digest) {

  /**
   * What was asked for.
   *
   * @param folder the artifact's path below the run, or {@code models:/…} of a registered version
   */
  record Key(URI trackingUri, String runId, String folder) {}
}
