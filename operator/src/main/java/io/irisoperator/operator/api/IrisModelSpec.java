package io.irisoperator.operator.api;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.irisoperator.contract.TrainingDefaults;
import java.net.URI;
import java.util.Optional;

/**
 * The specification of an IrisModel. Components that are optional are null, as Jackson leaves them.
 */
public record IrisModelSpec(
    @JsonPropertyDescription("The MLflow server. Defaults to the operator's own.")
        MlflowSpec mlflow,
    @Required
        @JsonPropertyDescription(
            "The model to serve. Set exactly one of runId, latest and registered.")
        ModelSpec model,
    @Default("{}") @JsonPropertyDescription("How the model is served.") ServingSpec serving,
    @Default("{}") @JsonPropertyDescription("How new models and new pods are rolled out.")
        RolloutSpec rollout,
    @JsonPropertyDescription("How and when new models are trained.") TrainingSpec training,
    @Default("{}") @JsonPropertyDescription("The monitoring resources to create.")
        MonitoringSpec monitoring) {

  public IrisModelSpec {
    serving = serving == null ? ServingSpec.DEFAULT : serving;
    rollout = rollout == null ? RolloutSpec.DEFAULT : rollout;
    training = training == null ? TrainingSpec.NONE : training;
    monitoring = monitoring == null ? MonitoringSpec.DEFAULT : monitoring;
  }

  /** The MLflow experiment that trainings log to. */
  @JsonIgnore
  public String experiment() {
    return Optional.ofNullable(training.experiment())
        .or(() -> Optional.ofNullable(model.latest()).map(LatestRun::experiment))
        .orElse(TrainingDefaults.EXPERIMENT);
  }

  /** The MLflow server that the resource uses. */
  @JsonIgnore
  public URI trackingUri(URI operatorDefault) {
    return Optional.ofNullable(mlflow)
        .map(MlflowSpec::trackingUri)
        .map(URI::create)
        .orElse(operatorDefault);
  }
}
