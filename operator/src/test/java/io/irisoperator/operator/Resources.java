package io.irisoperator.operator;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.irisoperator.config.Environment;
import io.irisoperator.config.Proxies;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.PinnedModel;
import io.irisoperator.operator.apply.WorkloadDefaults;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Resources for tests. */
public final class Resources {
  public static final String RUN = "0f3c0f3c0f3c0f3c0f3c0f3c0f3c0f3c";

  /** The settings of an operator with nothing but what is required. */
  public static final WorkloadDefaults DEFAULTS =
      new WorkloadDefaults(
          "iris-model-server:1",
          Optional.of("iris-trainer:1"),
          List.of(),
          URI.create("http://mlflow.mlops:5000"),
          Optional.empty(),
          Optional.empty(),
          Proxies.of(new Environment(Map.of())),
          Optional.empty(),
          Map.of(),
          Map.of("grafana_dashboard", "1"),
          URI.create("https://example.com/runbooks"));

  private Resources() {}

  /** mlops/iris with this spec, in YAML's flow style. */
  public static IrisModel irisModel(String spec) {
    return Serialization.unmarshal(
        """
        apiVersion: iris-operator.io/v1alpha1
        kind: IrisModel
        metadata: {name: iris, namespace: mlops, uid: 1-2-3, generation: 1}
        spec: %s
        """
            .formatted(spec),
        IrisModel.class);
  }

  /** A model of this run; its digest follows from the run. */
  public static PinnedModel model(String runId) {
    return new PinnedModel(
        runId,
        null,
        null,
        null,
        null,
        "http://mlflow.mlops:5000",
        "iris-model",
        "mlflow-artifacts:/1/" + runId + "/artifacts/iris-model",
        "sha256:" + runId + runId,
        "2026-11-23T12:00:00Z",
        Map.of("test_accuracy", 0.987));
  }
}
