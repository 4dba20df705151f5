package io.irisoperator.e2e;

import static io.irisoperator.e2e.Stack.NAMESPACE;
import static io.irisoperator.e2e.Waits.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.irisoperator.e2e.OnnxRuntimePredictions.Prediction;
import io.irisoperator.model.Iris;
import io.irisoperator.model.ModelFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A pod that requests about 200 predictions a second and compares each response with ONNX Runtime's
 * prediction for the model that the response names.
 */
final class LoadGenerator implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int ROWS = 50;
  private static final int REQUESTS_PER_SECOND = 200;

  /** A request that takes longer has failed, and is in the report. */
  private static final int MAX_REQUEST_SECONDS = 6;

  private final Stack stack;
  private final String name;

  /**
   * Starts the load.
   *
   * @param service the name of the Service
   * @param models the files of all models that may answer
   * @param limit how long the load lasts if it is not closed
   */
  LoadGenerator(Stack stack, String service, List<Map<String, byte[]>> models, Duration limit)
      throws Exception {
    this(stack, service, models, limit, Optional.empty());
  }

  /** Starts a load over TLS with a bearer token, which opens new connections all the time. */
  static LoadGenerator withToken(
      Stack stack, String service, List<Map<String, byte[]>> models, Duration limit, String token)
      throws Exception {
    return new LoadGenerator(stack, service, models, limit, Optional.of(token));
  }

  private LoadGenerator(
      Stack stack,
      String service,
      List<Map<String, byte[]>> models,
      Duration limit,
      Optional<String> token)
      throws Exception {
    this.stack = stack;
    this.name = "load-" + service;
    close();
    stack
        .client
        .resource(
            new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(NAMESPACE)
                .endMetadata()
                .addToData("load.py", Files.readString(Path.of("python/load.py")))
                .addToData("expected.json", expected(models))
                .build())
        .create();
    Pod pod = pod(stack.mlflow.image(), service, limit);
    token.ifPresent(
        value ->
            pod.getSpec()
                .getContainers()
                .getFirst()
                .getEnv()
                .add(new EnvVar("TOKEN", value, null)));
    stack.client.resource(pod).inNamespace(NAMESPACE).create();
    await().until(() -> report().path("sent").asInt() > 100);
  }

  private Pod pod(String image, String service, Duration limit) {
    return Serialization.unmarshal(
        """
      apiVersion: v1
      kind: Pod
      metadata: {name: %s}
      spec:
        automountServiceAccountToken: false
        restartPolicy: Never
        terminationGracePeriodSeconds: 0
        securityContext: {runAsNonRoot: true, runAsUser: 65532, seccompProfile: {type: RuntimeDefault}}
        containers:
        - name: load
          image: %s
          imagePullPolicy: IfNotPresent
          command: [python3, /load/load.py]
          env: [{name: TARGET, value: %s}, {name: RATE, value: "%d"}, {name: SECONDS, value: "%d"}]
          securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
          resources: {requests: {cpu: 50m}}
          volumeMounts: [{name: load, mountPath: /load}]
        volumes:
        - {name: load, configMap: {name: %s}}
      """
            .formatted(name, image, service, REQUESTS_PER_SECOND, limit.toSeconds(), name),
        Pod.class);
  }

  private static String expected(List<Map<String, byte[]>> models) throws Exception {
    double[][] rows = TestData.rows(ROWS);
    ObjectNode expected = JSON.createObjectNode();
    ArrayNode bodies = expected.putArray("rows");
    for (double[] row : rows) {
      bodies.add(TestData.json(row));
    }
    ObjectNode answers = expected.putObject("answers");
    for (Map<String, byte[]> files : models) {
      ArrayNode ofModel = answers.putArray(MlflowServer.digest(files));
      for (Prediction prediction : OnnxRuntimePredictions.of(files.get(ModelFolder.ONNX), rows)) {
        // The decimal that JSON has for the float, parsed as Python parses it.
        ofModel
            .addArray()
            .add(Iris.CLASSES.get(prediction.label()))
            .add(Double.parseDouble(Float.toString(prediction.confidence())));
      }
    }
    return expected.toString();
  }

  /** The report of the last second: the last line of the pod's log. */
  private JsonNode report() throws Exception {
    String log = stack.client.pods().inNamespace(NAMESPACE).withName(name).tailingLines(1).getLog();
    return JSON.readTree(log);
  }

  /**
   * The time of the first response from a model that had not answered for five seconds; it is
   * reported up to a second later.
   */
  Instant firstResponse(String digest, Instant after) throws Exception {
    await().until(() -> firstResponse(digest).isAfter(after));
    return firstResponse(digest);
  }

  private Instant firstResponse(String digest) throws Exception {
    return Instant.ofEpochMilli(report().path("first_ms").path(digest).asLong());
  }

  /**
   * Asserts that every request until now got the right response. A request in flight is in the
   * report once as many requests were sent after it as fit into the maximum duration of a request.
   */
  void assertNoErrors() throws Exception {
    int before = report().path("sent").asInt();
    await()
        .until(
            () ->
                report().path("sent").asInt() > before + REQUESTS_PER_SECOND * MAX_REQUEST_SECONDS);
    JsonNode report = report();
    assertThat(report.path("failed").asInt()).as(report.toPrettyString()).isZero();
    assertThat(report.path("wrong").asInt()).as(report.toPrettyString()).isZero();
    assertThat(report.path("done").asBoolean()).as("the load has ended").isFalse();
  }

  /** The digests of the models that have answered. */
  List<String> digests() throws Exception {
    List<String> digests = new ArrayList<>();
    report().path("by_digest").fieldNames().forEachRemaining(digests::add);
    return digests;
  }

  @Override
  public void close() {
    stack.client.pods().inNamespace(NAMESPACE).withName(name).withGracePeriod(0).delete();
    stack.pods.awaitDeleted(name);
    stack.client.configMaps().inNamespace(NAMESPACE).withName(name).delete();
  }
}
