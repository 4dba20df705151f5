package io.irisoperator.e2e;

import static io.irisoperator.e2e.Stack.NAMESPACE;
import static io.irisoperator.e2e.Stack.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.irisoperator.e2e.OnnxAnswers.Answer;
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
import java.util.TreeMap;

/**
 * About 200 predictions a second from a pod of the cluster, each answer compared with what ONNX
 * Runtime answers for the model that it names.
 */
final class Load implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int ROWS = 50;
  private static final int RATE = 200;

  /** After this long a request has failed, and is told of. */
  private static final int MOST_SECONDS = 6;

  private final Stack stack;
  private final String name;

  /**
   * Starts it.
   *
   * @param service that is asked
   * @param models by files of their folders: all that may answer
   * @param most how long it goes on if nobody ends it
   */
  Load(Stack stack, String service, List<Map<String, byte[]>> models, Duration most)
      throws Exception {
    this(stack, service, models, most, Optional.empty());
  }

  /** One by TLS, on ever new connections, with a token. */
  static Load guarded(
      Stack stack, String service, List<Map<String, byte[]>> models, Duration most, String token)
      throws Exception {
    return new Load(stack, service, models, most, Optional.of(token));
  }

  private Load(
      Stack stack,
      String service,
      List<Map<String, byte[]>> models,
      Duration most,
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
    String image =
        stack
            .client
            .apps()
            .deployments()
            .inNamespace(NAMESPACE)
            .withName("mlflow")
            .get()
            .getSpec()
            .getTemplate()
            .getSpec()
            .getContainers()
            .getFirst()
            .getImage();
    Pod pod = pod(image, service, most);
    token.ifPresent(
        value ->
            pod.getSpec()
                .getContainers()
                .getFirst()
                .getEnv()
                .add(new EnvVar("TOKEN", value, null)));
    stack.client.resource(pod).inNamespace(NAMESPACE).create();
    await().until(() -> told().path("sent").asInt() > 100);
  }

  private Pod pod(String image, String service, Duration most) {
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
          volumeMounts: [{name: load, mountPath: /load}]
        volumes:
        - {name: load, configMap: {name: %s}}
      """
            .formatted(name, image, service, RATE, most.toSeconds(), name),
        Pod.class);
  }

  private static String expected(List<Map<String, byte[]>> models) throws Exception {
    double[][] rows = TestRows.first(ROWS);
    ObjectNode expected = JSON.createObjectNode();
    ArrayNode bodies = expected.putArray("rows");
    for (double[] row : rows) {
      bodies.add(TestRows.json(row));
    }
    ObjectNode answers = expected.putObject("answers");
    for (Map<String, byte[]> files : models) {
      ArrayNode of = answers.putArray(new ModelFolder(new TreeMap<>(files)).digest());
      for (Answer answer : OnnxAnswers.of(files.get(ModelFolder.ONNX), rows).answers()) {
        // The decimal that JSON writes for a float, read as Python reads it.
        of.addArray()
            .add(Iris.CLASSES.get(answer.label()))
            .add(Double.parseDouble(Float.toString(answer.confidence())));
      }
    }
    return expected.toString();
  }

  /** What it has told last. */
  JsonNode told() throws Exception {
    String log = stack.client.pods().inNamespace(NAMESPACE).withName(name).tailingLines(1).getLog();
    return JSON.readTree(log);
  }

  /** When the first answer by a model came, which may be told of a second later. */
  Instant first(String digest) throws Exception {
    await().until(() -> answered().contains(digest));
    return Instant.ofEpochMilli(told().path("first_ms").path(digest).asLong());
  }

  /**
   * Every request up to now was answered, and rightly: what is under way now has been counted once
   * as many came after it as a request may take.
   */
  void assertFlawless() throws Exception {
    int before = told().path("sent").asInt();
    await().until(() -> told().path("sent").asInt() > before + RATE * MOST_SECONDS);
    JsonNode told = told();
    assertThat(told.path("failed").asInt()).as(told.toPrettyString()).isZero();
    assertThat(told.path("wrong").asInt()).as(told.toPrettyString()).isZero();
    assertThat(told.path("done").asBoolean()).as("still at it").isFalse();
  }

  /** Which models have answered so far, by digest. */
  List<String> answered() throws Exception {
    List<String> digests = new ArrayList<>();
    told().path("by_digest").fieldNames().forEachRemaining(digests::add);
    return digests;
  }

  @Override
  public void close() {
    stack.client.pods().inNamespace(NAMESPACE).withName(name).withGracePeriod(0).delete();
    await().until(() -> stack.client.pods().inNamespace(NAMESPACE).withName(name).get() == null);
    stack.client.configMaps().inNamespace(NAMESPACE).withName(name).delete();
  }
}
