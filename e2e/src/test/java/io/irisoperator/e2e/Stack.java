package io.irisoperator.e2e;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;

/** The stack that {@code e2e/start-stack} starts: the cluster with the product on it. */
final class Stack implements AutoCloseable {
  /** The namespace that the product is installed in. */
  static final String NAMESPACE = "mlops";

  /** The root of the sources. */
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  /** The API of the quickstart's IrisModel, forwarded by the quickstart. */
  static final URI API = URI.create("http://127.0.0.1:18080");

  /** Whether long-running scenarios run in full, as with {@code ./mvnw verify -Pfull}. */
  static final boolean FULL = Boolean.getBoolean("e2e.full");

  final KubernetesClient client;
  final IrisModels irisModels;
  final Pods pods;
  final StackDeployment operator;
  final MlflowServer mlflow;
  final ShellPod shell;
  final Commands commands;

  private final Cluster cluster;

  Stack() {
    cluster = Cluster.connect();
    client = cluster.client();
    irisModels = new IrisModels(client, NAMESPACE);
    pods = new Pods(client, NAMESPACE);
    operator = new StackDeployment(client, "iris-operator");
    mlflow = new MlflowServer(client);
    shell = new ShellPod(client, NAMESPACE, Map.of());
    commands = new Commands();
    mlflow.awaitHealthy();
  }

  @Override
  public void close() {
    mlflow.close();
    cluster.close();
  }
}
