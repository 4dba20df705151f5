package io.irisoperator.e2e;

import static io.irisoperator.e2e.Stack.NAMESPACE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.irisoperator.operator.api.IrisModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The API server rejects an invalid IrisModel with a message and stores a valid one unchanged. */
@ExtendWith(StackExtension.class)
class ValidationIT {
  private static final Path ALL_FIELDS = Path.of("src/test/resources/irismodel-all-fields.yaml");

  private static final String RUN = "0123456789abcdef0123456789abcdef";

  private final Stack stack;

  @TempDir private Path folder;

  ValidationIT(Stack stack) {
    this.stack = stack;
  }

  private String dryRun(String name, String spec) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("resource.yaml"),
            """
            apiVersion: iris-operator.io/v1alpha1
            kind: IrisModel
            metadata: {name: %s, namespace: mlops}
            spec: %s
            """
                .formatted(name, spec.replace("RUN", RUN)));
    return stack.commands.run("kubectl", "apply", "--dry-run=server", "-f", file.toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                                                                | spec.model: Required value
          {model: {}}                                                       | set exactly one of model.runId, model.latest and model.registered
          {model: {runId: RUN, latest: {experiment: x}}}                    | set exactly one of model.runId, model.latest and model.registered
          {model: {runId: "12"}}                                            | model.runId must be 32 hexadecimal digits
          {model: {latest: {}}}                                             | spec.model.latest.experiment: Required value
          {model: {registered: {name: iris}}}                               | set exactly one of model.registered.version and model.registered.alias
          {model: {registered: {name: iris, version: v3}}}                  | model.registered.version must be a version number
          {model: {runId: RUN}, serving: {replicas: -1}}                    | spec.serving.replicas in body should be greater than or equal to 0
          {model: {runId: RUN}, serving: {replicas: 101}}                   | spec.serving.replicas in body should be less than or equal to 100
          {model: {runId: RUN}, serving: {resources: {limits: {cpu: lots}}}} | spec.serving.resources.limits.cpu
          {model: {runId: RUN}, serving: {autoscaling: {minReplicas: 3}}}   | spec.serving.autoscaling.maxReplicas: Required value
          {model: {runId: RUN}, serving: {autoscaling: {minReplicas: 3, maxReplicas: 2}}} | serving.autoscaling.minReplicas must not be greater than maxReplicas
          {model: {runId: RUN}, rollout: {analysis: {duration: soon}}}      | rollout.analysis.duration must be a number followed by s, m or h, such as 2m
          {model: {runId: RUN}, rollout: {progressDeadlineSeconds: 1}}      | spec.rollout.progressDeadlineSeconds in body should be greater than or equal to 10
          {model: {runId: RUN}, serving: {tls: {}}}                         | spec.serving.tls.secretName: Required value
          {model: {runId: RUN}, serving: {auth: {}}}                        | spec.serving.auth.tokensSecretName: Required value
          {model: {runId: RUN}, serving: {podTemplate: {spec: {nodeSelectr: {}}}}} | unknown field "spec.serving.podTemplate.spec.nodeSelectr"
          {model: {runId: RUN}, training: {schedule: daily}}                | training.schedule must be five fields separated by one space
          {model: {runId: RUN}, training: {timeZone: "UTC+1 h"}}            | training.timeZone must be a name of the time zone database
          {model: {runId: RUN}, training: {concurrencyPolicy: Allow}}       | training.concurrencyPolicy must be Forbid: one training runs at a time
          {model: {runId: RUN}, training: {registration: {alias: champion}}} | spec.training.registration.name: Required value
          {model: {runId: RUN}, training: {registration: {name: iris, minAccuracy: 2}}} | training.registration.minAccuracy must be from 0 to 1
          {model: {runId: RUN}, training: {registration: {name: iris, alias: latest}}} | training.registration.alias must consist of letters, digits
          {model: {runId: RUN}, training: {data: {configMapName: x, url: "http://x/y"}}} | set exactly one of training.data.configMapName
          {model: {runId: RUN}, training: {data: {url: "http://x/y"}}}      | set training.data.digest together with training.data.url
          {model: {runId: RUN}, training: {parameters: {nEstimators: 0}}}   | spec.training.parameters.nEstimators in body should be greater than or equal to 1
          {model: {runId: RUN}, monitoring: {labels: {team: "a b"}}}        | monitoring.labels must be labels, such as release: prometheus
          {model: {runId: RUN}, monitoring: {labels: {"a b": x}}}           | monitoring.labels must be labels, such as release: prometheus
          {model: {runId: RUN}, mlflow: {trackingUri: "ftp://x"}}           | mlflow.trackingUri must be an http or https URL
          {model: {runId: RUN}, mlflow: {credentialsSecret: x}}             | unknown field "spec.mlflow.credentialsSecret"
          {model: {runId: RUN}, monitoring: {alerts: {for: soon}}}     | monitoring.alerts.for must be a number followed by s, m or h, such as 10m
          {model: {runId: RUN}, monitoring: {alerts: {maxErrorRatePercent: 0}}} | should be greater than or equal to 1
          {model: {runId: RUN}, serving: {replica: 2}}                      | unknown field "spec.serving.replica"
          {model: {runId: RUN}, colour: blue}                               | unknown field "spec.colour"
          """)
  void rejectsAnInvalidSpecWithAMessage(String spec, String message) {
    assertThatThrownBy(() -> dryRun("valid", spec)).hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({"1iris", "iris.1", "an-iris-with-a-name-that-is-far-too-long-for-a-service"})
  void rejectsANameThatAServiceCannotHave(String name) {
    assertThatThrownBy(() -> dryRun(name, "{model: {runId: RUN}}"))
        .hasMessageContaining("metadata.name becomes the name of a Service");
  }

  @Test
  void acceptsAValidSpec() throws Exception {
    assertThat(dryRun("valid", "{model: {runId: RUN}, serving: {replicas: 0}}"))
        .contains("created");
    assertThat(
            dryRun(
                "valid",
                "{model: {registered: {name: iris, alias: champion}}, training: {schedule: \"*/5 0-6 * * 1,3\", timeZone: Europe/Zurich}}"))
        .contains("created");
    assertThat(dryRun("valid", "{model: {latest: {experiment: x}, artifactPath: forest}}"))
        .contains("created");
  }

  @Test
  void anIrisModelWithEveryFieldIsUnchangedAfterApplyReadApply() throws Exception {
    JsonNode written = new YAMLMapper().readTree(ALL_FIELDS.toFile()).path("spec");
    stack.commands.run(
        "kubectl", "-n", NAMESPACE, "apply", "--server-side", "-f", ALL_FIELDS.toString());
    try {
      JsonNode applied = stored("all-fields");
      assertThat(applied.path("spec")).isEqualTo(written);

      IrisModel read = stack.irisModels.get("all-fields");
      read.getMetadata().setManagedFields(null);
      read.getMetadata().setResourceVersion(null);
      read.setStatus(null);
      stack.client.resource(read).serverSideApply();

      JsonNode appliedAgain = stored("all-fields");
      assertThat(appliedAgain.path("spec")).isEqualTo(written);
      assertThat(appliedAgain.at("/metadata/generation"))
          .isEqualTo(applied.at("/metadata/generation"));
    } finally {
      stack.irisModels.delete("all-fields");
    }
  }

  /** An IrisModel as the API server returns it. */
  private JsonNode stored(String name) throws IOException {
    return new JsonMapper()
        .readTree(
            stack.client.raw(
                "/apis/iris-operator.io/v1alpha1/namespaces/%s/irismodels/%s"
                    .formatted(NAMESPACE, name)));
  }
}
