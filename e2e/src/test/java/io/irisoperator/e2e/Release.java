package io.irisoperator.e2e;

import static io.irisoperator.e2e.Stack.await;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.irisoperator.operator.api.IrisModel;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A release of the chart in a namespace of its own and named after it, beside the stack's, whose
 * operator rests meanwhile: it watches all namespaces.
 */
record Release(Stack stack, String namespace) {
  static final Path CHART = Stack.ROOT.resolve("helm/iris-stack");

  static Release in(Stack stack, String namespace) throws Exception {
    scaleStacksOperator(stack, 0);
    stack
        .client
        .resource(
            new NamespaceBuilder()
                .withNewMetadata()
                .withName(namespace)
                .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                .endMetadata()
                .build())
        .create();
    return new Release(stack, namespace);
  }

  private static void scaleStacksOperator(Stack stack, int replicas) {
    var deployment =
        stack.client.apps().deployments().inNamespace(Stack.NAMESPACE).withName("iris-operator");
    deployment.scale(replicas);
    await()
        .until(
            () ->
                stack
                        .client
                        .pods()
                        .inNamespace(Stack.NAMESPACE)
                        .withLabel("app.kubernetes.io/name", "iris-operator")
                        .list()
                        .getItems()
                        .size()
                    == replicas);
    if (replicas > 0) {
      await().until(() -> deployment.get().getStatus().getReadyReplicas() == replicas);
    }
  }

  /** Installs or upgrades to a chart, the stack's images and these values. */
  void upgradeTo(Path chart, String... values) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of("helm", "upgrade", "--install", namespace, chart.toString(), "-n", namespace));
    command.addAll(List.of("--wait", "--timeout", "4m", "--reset-values"));
    List<String> all = new ArrayList<>(List.of(values));
    all.add("operator.watchNamespaces={" + namespace + "}");
    all.add("crds.install=false");
    all.add("grafana.enabled=false");
    all.add("prometheus.enabled=false");
    all.add("prometheus.operator.enabled=false");
    all.addAll(images());
    // A tag of digits is a text all the same.
    all.forEach(
        value ->
            command.addAll(List.of(value.contains(".tag=") ? "--set-string" : "--set", value)));
    stack.run(Map.of(), command);
  }

  /** The images that the stack runs. */
  private List<String> images() {
    var operator =
        stack.client.apps().deployments().inNamespace(Stack.NAMESPACE).withName("iris-operator");
    var container = operator.get().getSpec().getTemplate().getSpec().getContainers().getFirst();
    List<String> values = new ArrayList<>();
    addImage(values, "operator", container.getImage());
    container
        .getEnv()
        .forEach(
            variable -> {
              switch (variable.getName()) {
                case "IRIS_MODEL_SERVER_IMAGE" ->
                    addImage(values, "modelServer", variable.getValue());
                case "IRIS_TRAINER_IMAGE" -> addImage(values, "trainer", variable.getValue());
                default -> {}
              }
            });
    return values;
  }

  /**
   * Gives the image of a section of the values another tag, on the node.
   *
   * @return that tag
   */
  String retag(String section, String suffix) throws Exception {
    List<String> values = images();
    String repository = valueOf(values, section + ".image.repository=");
    String tag = valueOf(values, section + ".image.tag=");
    String other = tag + "-" + suffix;
    stack.run(
        Map.of(),
        List.of(
            "ctr",
            "--address",
            Stack.STATE.resolve("containerd/containerd.sock").toString(),
            "--namespace",
            "k8s.io",
            "images",
            "tag",
            "--force",
            repository + ":" + tag,
            repository + ":" + other));
    return other;
  }

  private static String valueOf(List<String> values, String key) {
    return values.stream()
        .filter(value -> value.startsWith(key))
        .map(value -> value.substring(key.length()))
        .findFirst()
        .orElseThrow();
  }

  private static void addImage(List<String> values, String section, String image) {
    int colon = image.lastIndexOf(':');
    values.add(section + ".image.repository=" + image.substring(0, colon));
    values.add(section + ".image.tag=" + image.substring(colon + 1));
  }

  void apply(String manifest) {
    stack
        .client
        .load(new ByteArrayInputStream(manifest.getBytes(StandardCharsets.UTF_8)))
        .inNamespace(namespace)
        .serverSideApply();
  }

  /** Applies an IrisModel with this spec, in YAML's flow style, and waits until it is served. */
  void serve(String name, String spec) {
    apply(
        """
        apiVersion: iris-operator.io/v1alpha1
        kind: IrisModel
        metadata: {name: %s}
        spec: %s
        """
            .formatted(name, spec));
    awaitReady(name);
  }

  void awaitReady(String name) {
    await().atMost(Duration.ofMinutes(2)).until(() -> condition(name, "Ready").equals("True"));
  }

  String condition(String name, String type) {
    return irisModel(name).getStatus().conditions().stream()
        .filter(c -> c.getType().equals(type))
        .findFirst()
        .orElseThrow()
        .getStatus();
  }

  IrisModel irisModel(String name) {
    return stack.client.resources(IrisModel.class).inNamespace(namespace).withName(name).get();
  }

  /** The pods that serve a model, by what no other pod ever has. */
  TreeSet<String> podUids(String model) {
    TreeSet<String> uids = new TreeSet<>();
    stack
        .client
        .pods()
        .inNamespace(namespace)
        .withLabel("app.kubernetes.io/instance", model)
        .withLabel("app.kubernetes.io/name", "iris-model-server")
        .list()
        .getItems()
        .forEach(pod -> uids.add(pod.getMetadata().getUid()));
    return uids;
  }

  String kubectl(String... arguments) throws Exception {
    return stack.run(
        Map.of(),
        Stream.concat(Stream.of("kubectl", "-n", namespace), Stream.of(arguments)).toList());
  }

  String helm(String... arguments) throws Exception {
    return stack.run(
        Map.of(), Stream.concat(Stream.of("helm", "-n", namespace), Stream.of(arguments)).toList());
  }

  /** All of it goes, and the stack's operator comes back. */
  void remove() throws Exception {
    helm("uninstall", namespace, "--ignore-not-found");
    stack.client.namespaces().withName(namespace).delete();
    scaleStacksOperator(stack, 1);
  }
}
