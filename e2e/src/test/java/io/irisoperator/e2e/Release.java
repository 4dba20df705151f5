package io.irisoperator.e2e;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A release of the chart in a namespace of the same name. {@code e2e/start-stack} restricts the
 * stack's own operator to its namespace.
 */
record Release(Stack stack, String namespace, IrisModels irisModels) {
  static final Path CHART = Stack.ROOT.resolve("helm/iris-stack");

  /** The values of a release that uses the stack's MLflow. */
  static final List<String> STACK_MLFLOW =
      List.of("mlflow.enabled=false", "operator.trackingUri=" + MlflowServer.CLUSTER_ADDRESS);

  /** Creates the namespace; {@link #upgradeTo} or {@link #helm} install the chart. */
  static Release create(Stack stack, String namespace) {
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
    return new Release(stack, namespace, new IrisModels(stack.client, namespace));
  }

  /** Installs a chart, or upgrades to it, with the stack's images and these values. */
  void upgradeTo(Path chart, List<String> values) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of("helm", "upgrade", "--install", namespace, chart.toString(), "-n", namespace));
    command.addAll(List.of("--wait", "--timeout", "4m", "--reset-values"));
    List<String> all = new ArrayList<>();
    all.add("operator.watchNamespaces={" + namespace + "}");
    all.addAll(values);
    all.add("crds.install=false");
    all.add("grafana.enabled=false");
    all.add("prometheus.enabled=false");
    all.add("prometheus.operator.enabled=false");
    all.addAll(images());
    // A tag of digits is a text all the same.
    all.forEach(
        value ->
            command.addAll(List.of(value.contains(".tag=") ? "--set-string" : "--set", value)));
    stack.commands.run(command);
  }

  /** The stack's images, as values of the chart. */
  private List<String> images() {
    List<String> values = new ArrayList<>();
    addImage(values, "operator", stack.operator.container().getImage());
    addImage(values, "modelServer", stack.operator.env("IRIS_MODEL_SERVER_IMAGE"));
    addImage(values, "trainer", stack.operator.env("IRIS_TRAINER_IMAGE"));
    return values;
  }

  private static void addImage(List<String> values, String section, String image) {
    int colon = image.lastIndexOf(':');
    values.add(section + ".image.repository=" + image.substring(0, colon));
    values.add(section + ".image.tag=" + image.substring(colon + 1));
  }

  /**
   * Adds a tag to an image on the node.
   *
   * @param section of the chart's values
   * @return the new tag
   */
  String retag(String section, String suffix) throws Exception {
    List<String> values = images();
    String repository = valueOf(values, section + ".image.repository=");
    String tag = valueOf(values, section + ".image.tag=");
    String newTag = tag + "-" + suffix;
    stack.commands.run(
        "ctr",
        "--address",
        Cluster.STATE.resolve("containerd/containerd.sock").toString(),
        "--namespace",
        "k8s.io",
        "images",
        "tag",
        "--force",
        repository + ":" + tag,
        repository + ":" + newTag);
    return newTag;
  }

  private static String valueOf(List<String> values, String key) {
    return values.stream()
        .filter(value -> value.startsWith(key))
        .map(value -> value.substring(key.length()))
        .findFirst()
        .orElseThrow();
  }

  void apply(String manifest) {
    stack
        .client
        .load(new ByteArrayInputStream(manifest.getBytes(StandardCharsets.UTF_8)))
        .inNamespace(namespace)
        .serverSideApply();
  }

  /** Applies an IrisModel with this spec, in YAML's flow style, and waits until it is ready. */
  void serve(String name, String spec) {
    irisModels.apply(name, spec);
    irisModels.awaitReady(name);
  }

  String kubectl(String... arguments) throws Exception {
    return stack.commands.kubectl(namespace, arguments);
  }

  String helm(String... arguments) throws Exception {
    return stack.commands.run(
        Stream.concat(Stream.of("helm", "-n", namespace), Stream.of(arguments)).toList());
  }

  /** Uninstalls the release and deletes its namespace. */
  void uninstall() throws Exception {
    helm("uninstall", namespace, "--ignore-not-found");
    stack.client.namespaces().withName(namespace).delete();
  }
}
