package io.irisoperator.server;

import io.irisoperator.testkit.StubMlflow;
import io.micronaut.runtime.server.EmbeddedServer;
import java.util.Map;

/** A server whose model is in a {@link StubMlflow}. */
final class StubbedServer {
  private StubbedServer() {}

  /**
   * Starts a server on a free port.
   *
   * @param digest of the model of the run {@link StubMlflow#RUN_ID}
   */
  static EmbeddedServer start(StubMlflow mlflow, String digest) {
    return Application.start(
        ServerConfig.from(
            Map.of(
                "IRIS_PORT",
                "0",
                "IRIS_TRACKING_URI",
                mlflow.uri().toString(),
                "IRIS_RUN_ID",
                StubMlflow.RUN_ID,
                "IRIS_ARTIFACT_URI",
                StubMlflow.artifactUri(StubMlflow.RUN_ID),
                "IRIS_MODEL_VERSION",
                "7",
                "IRIS_MODEL_DIGEST",
                digest)));
  }
}
