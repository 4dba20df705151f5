package io.irisoperator.e2e;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The connection to the cluster.
 *
 * <p>Tests with the tag {@code node} need this machine to be the cluster's only node: they read
 * {@code /proc}, kill processes, use containerd, stop the control plane, connect to cluster IPs, or
 * serve an image registry or a bucket to the pods. {@code -DexcludedGroups=node} leaves them out.
 * The other tests depend on the local cluster only in these points:
 *
 * <ul>
 *   <li>The kubeconfig is {@code admin.kubeconfig} in the folder that {@code IRIS_CLUSTER} names.
 *   <li>{@code e2e/start-stack} writes {@code target/programs}, the folder of kubectl, Helm and
 *       promtool, and the output of the quickstart, {@code target/quickstart*.log}.
 *   <li>The quickstart forwards the ports 18080 (the IrisModel {@code iris}) and 19090 (Prometheus)
 *       of this machine, {@code e2e/start-stack} 15001 (MLflow).
 *   <li>The images {@code busybox:stable} and {@code postgres:15} are loaded; elsewhere the nodes
 *       pull them.
 * </ul>
 */
record Cluster(KubernetesClient client) implements AutoCloseable {
  /** The folder with the state of the local cluster. */
  static final Path STATE =
      Path.of(
          Optional.ofNullable(System.getenv("IRIS_CLUSTER"))
              .orElse("/var/lib/iris-operator/cluster"));

  static Cluster connect() {
    try {
      return new Cluster(
          new KubernetesClientBuilder()
              .withConfig(Config.fromKubeconfig(Files.readString(kubeconfig())))
              .build());
    } catch (IOException e) {
      throw new UncheckedIOException("no cluster; run e2e/start-stack", e);
    }
  }

  static Path kubeconfig() {
    return STATE.resolve("admin.kubeconfig");
  }

  static String clusterIp(KubernetesClient client, String namespace, String service) {
    return client
        .services()
        .inNamespace(namespace)
        .withName(service)
        .require()
        .getSpec()
        .getClusterIP();
  }

  /** The address of this machine on the bridge of the pods' network, which the pods reach. */
  static InetAddress bridge() throws SocketException {
    return NetworkInterface.getByName("cni0")
        .inetAddresses()
        .filter(Inet4Address.class::isInstance)
        .findFirst()
        .orElseThrow();
  }

  @Override
  public void close() {
    client.close();
  }
}
