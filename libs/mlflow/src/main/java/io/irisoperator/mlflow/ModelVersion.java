package io.irisoperator.mlflow;

import java.util.Optional;
import java.util.regex.Matcher;

/**
 * A version of a registered model.
 *
 * @param name the registered model
 * @param version a number from 1, assigned by MLflow
 * @param runId the run that the model comes from; empty if it was registered without one
 * @param source the model folder: {@code runs:/…/path}, {@code models:/m-…} or an artifact URI
 * @param ready whether its registration is complete
 */
public record ModelVersion(
    String name, String version, String runId, String source, boolean ready) {
  /** The id of its run, which its source may name, too; empty if it has none. */
  public Optional<String> run() {
    if (!runId.isEmpty()) {
      return Optional.of(runId);
    }
    Matcher ofRun = ArtifactFolder.RUN.matcher(source);
    return ofRun.matches() ? Optional.of(ofRun.group(1)) : Optional.empty();
  }
}
