package io.irisoperator.e2e;

import static io.irisoperator.e2e.Waits.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.parallel.ExecutionMode.CONCURRENT;

import io.irisoperator.operator.api.ConditionType;
import io.irisoperator.operator.state.TrainingRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;

/** A user runs MLflow with PostgreSQL, a bucket and a password, backs it up and restores it. */
@Tag("node")
@ExtendWith(StackExtension.class)
@Order(1)
class MlflowIT {
  private static final String PASSWORD = "correct%horse-battery";

  private final Stack stack;

  MlflowIT(Stack stack) {
    this.stack = stack;
  }

  @Test
  @Execution(CONCURRENT)
  void trainsServesBacksUpAndRestoresWithPostgresqlABucketAndAPassword() throws Exception {
    Release release = Release.create(stack, "secured");
    try (S3Server s3 = S3Server.start(stack, "models")) {
      release.apply(Files.readString(Path.of("src/test/resources/postgres.yaml")));
      release.kubectl(
          "create",
          "secret",
          "generic",
          "mlflow-auth",
          "--from-literal=username=admin",
          "--from-literal=password=" + PASSWORD,
          "--from-literal=flask-secret-key=not-a-secret");
      createS3Secret(release, s3);
      release.kubectl("rollout", "status", "deployment/postgres", "--timeout=60s");
      release.upgradeTo(
          Release.CHART,
          List.of(
              "mlflow.backendStore.secret=database",
              "mlflow.artifacts.destination=s3://models/mlflow",
              "mlflow.artifacts.s3Secret=s3",
              "mlflow.auth.enabled=true",
              "backup.enabled=true",
              "backup.keep=2",
              "backup.persistence.size=1Gi",
              "backup.postgresImage.tag=15"));
      ShellPod shell = new ShellPod(stack.client, "secured", Map.of());
      await()
          .untilAsserted(
              () ->
                  assertThat(
                          shell.run(
                              "wget -q -O- 'http://mlflow:5000/api/2.0/mlflow/experiments/get-by-name?experiment_name=Default' 2>&1 || true"))
                      .contains("401"));

      // Operator, trainer and model server all log in to MLflow.
      release.serve(
          "secured", "{model: {latest: {experiment: e2e_secured}}, training: {retrain: first}}");
      String runId = release.irisModels().status("secured").model().runId();
      assertThat(psql(release, "SELECT run_uuid FROM runs")).isEqualTo(runId);
      assertThat(s3.list("models"))
          .contains("<Key>mlflow/")
          .containsPattern("/models/m-[0-9a-f]+/artifacts/model.onnx</Key>");
      assertNoSecretIsExposed(release);

      for (int n = 0; n < 3; n++) {
        backUp(release);
      }
      psql(release, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
      destroyData(release);
      String listed = stack.commands.run(Stack.ROOT + "/k8s/restore", "-n", "secured", "--list");
      assertThat(listed.split("mlflow-2", -1)).as(listed).hasSize(1 + 2);
      restore("secured");
      assertThat(psql(release, "SELECT run_uuid FROM runs")).isEqualTo(runId);
      assertNewPodServes(release, "secured", runId);
    } finally {
      release.uninstall();
    }
  }

  @Test
  @Execution(CONCURRENT)
  void restoresSqliteAndArtifactsFromABackupInABucket() throws Exception {
    Release release = Release.create(stack, "restored");
    try (S3Server s3 = S3Server.start(stack, "backups")) {
      createS3Secret(release, s3);
      release.upgradeTo(
          Release.CHART,
          List.of(
              "backup.enabled=true",
              "backup.keep=1",
              "backup.s3.destination=s3://backups/nightly",
              "backup.s3.secret=s3"));
      release.serve(
          "restored", "{model: {latest: {experiment: e2e_restored}}, training: {retrain: first}}");
      String runId = release.irisModels().status("restored").model().runId();
      // An object with a similar name is neither counted nor deleted.
      s3.put("backups", "nightly/mlflow-notes.txt");
      backUp(release);
      backUp(release);
      assertThat(s3.list("backups").split("<Key>nightly/mlflow-2", -1)).hasSize(1 + 1);
      // A second training, which is not in the backup.
      release.kubectl("annotate", "irismodel", "restored", TrainingRequest.ANNOTATION + "=second");
      await()
          .atMost(Duration.ofMinutes(2))
          .until(
              () ->
                  !release.irisModels().status("restored").model().runId().equals(runId)
                      && release.irisModels().isTrue("restored", ConditionType.READY));
      destroyData(release);
      restore("restored");
      await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> release.irisModels().status("restored").model().runId().equals(runId));
      assertNewPodServes(release, "restored", runId);
      assertThat(s3.list("backups")).contains("nightly/mlflow-notes.txt");
    } finally {
      release.uninstall();
    }
  }

  private static void createS3Secret(Release release, S3Server s3) throws Exception {
    release.kubectl(
        "create",
        "secret",
        "generic",
        "s3",
        "--from-literal=AWS_ACCESS_KEY_ID=any",
        "--from-literal=AWS_SECRET_ACCESS_KEY=any",
        "--from-literal=AWS_DEFAULT_REGION=us-east-1",
        "--from-literal=MLFLOW_S3_ENDPOINT_URL=" + s3.address());
  }

  /** Deletes everything on MLflow's volume. */
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

  private void restore(String namespace) throws Exception {
    assertThat(stack.commands.run(Stack.ROOT + "/k8s/restore", "-n", namespace))
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

  /** Asserts that a new pod serves the model of a run. */
  private void assertNewPodServes(Release release, String model, String runId) throws Exception {
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
                    .shell
                    .run("wget -q -O- http://%s.%s/health".formatted(model, release.namespace()))
                    .contains("\"run_id\":\"" + runId));
  }

  private static void assertNoSecretIsExposed(Release release) throws Exception {
    String output =
        release.kubectl("logs", "deployment/iris-operator")
            + release.kubectl("logs", "-l", "app.kubernetes.io/instance=secured", "--tail=-1")
            + release.kubectl("get", "irismodels,deployments,jobs,events,configmaps", "-o", "yaml");
    assertThat(output).contains("e2e_secured").doesNotContain(PASSWORD).doesNotContain("pg-s3cret");
  }
}
