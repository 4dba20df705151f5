package io.irisoperator.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.irisoperator.contract.TrainingDefaults;

/** The model to serve. */
@ValidationRule(
    value =
        "(has(self.runId) ? 1 : 0) + (has(self.latest) ? 1 : 0) + (has(self.registered) ? 1 : 0) == 1",
    message = "set exactly one of model.runId, model.latest and model.registered")
@ValidationRule(
    value = "!has(self.runId) || self.runId.matches('^[0-9a-f]{32}$')",
    fieldPath = ".runId",
    message = "model.runId must be 32 hexadecimal digits, as MLflow shows a run ID")
public record ModelSpec(
    @Size(max = 200) @JsonPropertyDescription("An MLflow run ID: 32 hexadecimal digits.")
        String runId,
    @JsonPropertyDescription("The latest FINISHED run of an experiment that has the artifact.")
        LatestRun latest,
    @JsonPropertyDescription("A version of a registered model.") RegisteredModel registered,
    @Default(TrainingDefaults.ARTIFACT_PATH)
        @Pattern("^[A-Za-z0-9_.-]+$")
        @Size(max = 100)
        @JsonPropertyDescription("The artifact path of the model in its run.")
        String artifactPath) {

  public ModelSpec {
    artifactPath = artifactPath == null ? TrainingDefaults.ARTIFACT_PATH : artifactPath;
  }
}
