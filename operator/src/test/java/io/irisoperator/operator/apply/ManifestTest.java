package io.irisoperator.operator.apply;

import static io.irisoperator.operator.Resources.RUN;
import static io.irisoperator.operator.Resources.irisModel;
import static io.irisoperator.operator.Resources.model;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.irisoperator.operator.GoldenFile;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.decide.Decision.Train;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Each dependent as the API server gets it. */
class ManifestTest {
  private static final URI MLFLOW = URI.create("http://mlflow.mlops:5000");
  private static final Images IMAGES = new Images("iris-model-server:1", "iris-trainer:1");
  private static final IrisModel SMALL = irisModel("{model: {runId: " + RUN + "}}");
  private static final IrisModel FULL =
      irisModel(
          """
          {model: {latest: {experiment: flowers}, artifactPath: forest},
           serving: {replicas: 3, image: "my/server:2", resources: {limits: {memory: 1Gi}}},
           training: {retrain: now, parameters: {nEstimators: 50, randomState: 7},
                      resources: {requests: {cpu: "1"}}},
           monitoring: {labels: {release: prometheus}}}
          """);

  private static void assertManifest(String name, Object made) throws Exception {
    new GoldenFile(Path.of("src/test/resources/manifests", name + ".yaml"))
        .assertIs(Serialization.asYaml(made));
  }

  private static Object deployment(IrisModel resource) {
    IrisModelSpec spec = resource.getSpec().orDefault();
    return ServingDeployment.desired(resource, spec, model(RUN), IMAGES);
  }

  private static Object job(IrisModel resource) {
    IrisModelSpec spec = resource.getSpec().orDefault();
    return TrainerJob.desired(resource, spec, new Train("iris-train-1", "now"), MLFLOW, IMAGES);
  }

  @Test
  void deployments() throws Exception {
    assertManifest("deployment", deployment(SMALL));
    assertManifest("deployment-full", deployment(FULL));
  }

  @Test
  void trainerJobs() throws Exception {
    assertManifest("job", job(SMALL));
    assertManifest("job-full", job(FULL));
  }

  @Test
  void theRest() throws Exception {
    assertManifest("service", ServingService.desired(SMALL));
    assertManifest("dashboard", DashboardConfigMap.desired(SMALL));
    assertManifest(
        "servicemonitor",
        MonitoringServiceMonitor.desired(FULL, FULL.getSpec().orDefault().monitoring()));
  }
}
