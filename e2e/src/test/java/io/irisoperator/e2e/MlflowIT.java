package io.irisoperator.e2e;

import static io.irisoperator.e2e.Stack.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Somebody keeps MLflow's data elsewhere than on its volume, behind a password, and backs it up.
 */
class MlflowIT {
  private static final String PASSWORD = "correct%horse-battery";

  private static Stack stack;

  @BeforeAll
  static void connect() {
    stack = new Stack();
  }

  @AfterAll
  static void disconnect() {
    stack.close();
  }

  @Test
  void withPostgresqlABucketAndAPasswordModelsAreTrainedServedBackedUpAndRestored()
      throws Exception {
    Release release = Release.in(stack, "guarded");
    try (Buckets buckets = Buckets.start(stack, "models")) {
      release.apply(Files.readString(Path.of("src/test/resources/postgres.yaml")));
      release.kubectl(
          "create",
          "secret",
          "generic",
          "mlflow-auth",
          "--from-literal=username=admin",
          "--from-literal=password=" + PASSWORD,
          "--from-literal=flask-secret-key=of-no-use-to-anybody");
      createS3Secret(release, buckets);
      release.kubectl("rollout", "status", "deployment/postgres", "--timeout=60s");
      release.upgradeTo(
          Release.CHART,
          "mlflow.backendStore.secret=database",
          "mlflow.artifacts.destination=s3://models/mlflow",
          "mlflow.artifacts.s3Secret=s3",
          "mlflow.auth.enabled=true",
          "backup.enabled=true",
          "backup.keep=2",
          "backup.persistence.size=1Gi",
          "backup.postgresImage.tag=15");
      assertThatThrownBy(
              () ->
                  stack.shell(
                      "wget -q -O- 'http://mlflow.guarded:5000/api/2.0/mlflow/experiments/get-by-name?experiment_name=Default'"))
          .hasMessageContaining("401");

      // Operator, trainer and server have each asked MLflow for something.
      release.serve(
          "guarded", "{model: {latest: {experiment: behind-glass}}, training: {retrain: first}}");
      String runId = release.irisModel("guarded").getStatus().model().runId();
      assertThat(psql(release, "SELECT run_uuid FROM runs")).isEqualTo(runId);
      assertThat(buckets.list("models"))
          .contains("<Key>mlflow/")
          .contains(runId + "/artifacts/iris-model/model.onnx</Key>");
      assertNoSecretIsTold(release);

      for (int n = 0; n < 3; n++) {
        backUp(release);
      }
      psql(release, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
      destroyData(release);
      String listed =
          stack.run(Map.of(), List.of(Stack.ROOT + "/k8s/restore", "-n", "guarded", "--list"));
      assertThat(listed.split("mlflow-2", -1)).as(listed).hasSize(1 + 2);
      restore("guarded");
      assertThat(psql(release, "SELECT run_uuid FROM runs")).isEqualTo(runId);
      assertAFreshPodServes(release, "guarded", runId);
    } finally {
      release.remove();
    }
  }

  @Test
  void aBackupInABucketOfSqliteAndItsArtifactsIsAllThatARestoreNeeds() throws Exception {
    Release release = Release.in(stack, "kept");
    try (Buckets buckets = Buckets.start(stack, "backups")) {
      createS3Secret(release, buckets);
      release.upgradeTo(
          Release.CHART,
          "backup.enabled=true",
          "backup.keep=1",
          "backup.s3.destination=s3://backups/nightly",
          "backup.s3.secret=s3");
      release.serve(
          "kept", "{model: {latest: {experiment: to-be-kept}}, training: {retrain: first}}");
      String runId = release.irisModel("kept").getStatus().model().runId();
      // Something of that name which is no backup is not counted, nor deleted.
      buckets.put("backups", "nightly/mlflow-notes.txt");
      backUp(release);
      backUp(release);
      assertThat(buckets.list("backups").split("<Key>nightly/mlflow-2", -1)).hasSize(1 + 1);
      // Another training, which the backup does not know.
      release.kubectl("annotate", "irismodel", "kept", "iris-operator.io/retrain=second");
      await()
          .atMost(Duration.ofMinutes(2))
          .until(
              () ->
                  !release.irisModel("kept").getStatus().model().runId().equals(runId)
                      && release.condition("kept", "Ready").equals("True"));
      destroyData(release);
      restore("kept");
      await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> release.irisModel("kept").getStatus().model().runId().equals(runId));
      assertAFreshPodServes(release, "kept", runId);
      assertThat(buckets.list("backups")).contains("nightly/mlflow-notes.txt");
    } finally {
      release.remove();
    }
  }

  private static void createS3Secret(Release release, Buckets buckets) throws Exception {
    release.kubectl(
        "create",
        "secret",
        "generic",
        "s3",
        "--from-literal=AWS_ACCESS_KEY_ID=anybody",
        "--from-literal=AWS_SECRET_ACCESS_KEY=anything",
        "--from-literal=AWS_DEFAULT_REGION=us-east-1",
        "--from-literal=MLFLOW_S3_ENDPOINT_URL=" + buckets.address());
  }

  /** All that is on MLflow's volume. */
  private static void destroyData(Release release) throws Exception {
    release.kubectl(
        "exec",
        "deployment/mlflow",
        "--",
        "python3",
        "-c",
        "import os, shutil; [shutil.rmtree(p) if os.path.isdir(p) else os.remove(p) for p in ('/data/' + n for n in os.listdir('/data'))]");
  }

  private static void backUp(Release release) throws Exception {
    release.kubectl("create", "job", "backup-now", "--from=cronjob/mlflow-backup");
    release.kubectl("wait", "--for=condition=Complete", "job/backup-now", "--timeout=90s");
    release.kubectl("delete", "job", "backup-now");
  }

  private static void restore(String namespace) throws Exception {
    assertThat(stack.run(Map.of(), List.of(Stack.ROOT + "/k8s/restore", "-n", namespace)))
        .contains("restored mlflow-2");
  }

  private static String psql(Release release, String sql) throws Exception {
    return release
        .kubectl(
            "exec",
            "deployment/postgres",
            "--",
            "sh",
            "-c",
            "PGPASSWORD=$POSTGRES_PASSWORD psql -h 127.0.0.1 -U mlflow -At -q -c \"$1\"",
            "sh",
            sql)
        .strip();
  }

  /** A pod that has never seen the model gets it from MLflow as it is now. */
  private static void assertAFreshPodServes(Release release, String model, String runId)
      throws Exception {
    release.kubectl(
        "delete",
        "pod",
        "-l",
        "app.kubernetes.io/instance=" + model + ",app.kubernetes.io/name=iris-model-server");
    await()
        .atMost(Duration.ofMinutes(2))
        .until(
            () ->
                stack
                    .shell("wget -q -O- http://%s.%s/health".formatted(model, release.namespace()))
                    .contains("\"run_id\":\"" + runId));
  }

  private static void assertNoSecretIsTold(Release release) throws Exception {
    String told =
        release.kubectl("logs", "deployment/iris-operator")
            + release.kubectl("logs", "-l", "app.kubernetes.io/instance=guarded", "--tail=-1")
            + release.kubectl("get", "irismodels,deployments,jobs,events,configmaps", "-o", "yaml");
    assertThat(told).contains("behind-glass").doesNotContain(PASSWORD).doesNotContain("pg-s3cret");
  }
}
