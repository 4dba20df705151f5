package io.irisoperator.e2e;

import static io.irisoperator.e2e.Waits.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.irisoperator.operator.api.ConditionType;
import io.irisoperator.operator.api.Reason;
import java.io.IOException;
import java.time.Duration;

/**
 * An IrisModel with two replicas of a registered model's champion.
 *
 * @param name the name of the IrisModel and of the registered model
 * @param trackingUri where the IrisModel finds MLflow
 * @param analysis how long a rollout is analyzed; the next one waits for it
 * @param faults of the pods
 */
record ChampionModel(
    Stack stack,
    String name,
    String trackingUri,
    Duration analysis,
    FaultInjection faults,
    ChampionVersions versions) {
  private static final Duration LOAD_LIMIT = Duration.ofMinutes(30);

  /** Trains three versions and serves the first one. */
  static ChampionModel serve(Stack stack, String name, String trackingUri, Duration analysis)
      throws Exception {
    ChampionModel model =
        new ChampionModel(
            stack,
            name,
            trackingUri,
            analysis,
            FaultInjection.create(stack),
            ChampionVersions.train(stack.mlflow, name, "e2e_" + name, 3));
    model.serveFirstVersion();
    return model;
  }

  /**
   * Applies the IrisModel.
   *
   * @param fault the fault of the pods; empty for the fault that the model names
   */
  void apply(String fault) throws IOException {
    stack.irisModels.apply(
        name,
        """
        {model: {registered: {name: %s, alias: champion}}, mlflow: {trackingUri: "%s"},
         rollout: {progressDeadlineSeconds: 30, analysis: {duration: %ds, maxLatencyP99Milliseconds: 900}},
         serving: {replicas: 2, podTemplate: %s}}
        """
            .formatted(name, trackingUri, analysis.toSeconds(), faults.podTemplate(fault)));
  }

  private void serveFirstVersion() throws IOException {
    versions.promote(0);
    apply("");
    awaitReady(0);
  }

  /** Serves the first version, and starts a load. */
  LoadGenerator serveFirstVersionUnderLoad() throws Exception {
    serveFirstVersion();
    stack.irisModels.awaitReplicas(name, 2);
    return new LoadGenerator(stack, name, versions.files(), LOAD_LIMIT);
  }

  void awaitReady(int version) {
    stack.irisModels.awaitReady(name, versions.runId(version));
  }

  void awaitDegraded(Reason reason, String... words) {
    await()
        .atMost(Duration.ofSeconds(90))
        .untilAsserted(
            () -> {
              Condition degraded = stack.irisModels.condition(name, ConditionType.DEGRADED);
              assertThat(degraded.getStatus()).isEqualTo("True");
              assertThat(degraded.getReason()).isEqualTo(reason.toString());
              assertThat(degraded.getMessage()).contains(words);
            });
  }

  void awaitNotDegraded() {
    await()
        .until(
            () ->
                stack
                    .irisModels
                    .condition(name, ConditionType.DEGRADED)
                    .getStatus()
                    .equals("False"));
  }

  /** The index of the version that is served. */
  int servedVersion() {
    return versions.indexOf(stack.irisModels.status(name).model().runId());
  }
}
