package io.irisoperator.e2e;

import static io.irisoperator.e2e.Waits.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;

/** A user publishes the images and the chart to a private registry and installs from there. */
@Tag("node")
@ExtendWith(StackExtension.class)
@Order(1)
@Tag(Phase.EXCLUSIVE)
class PublishingIT {
  private static final String REGISTRY = "127.0.0.1:15555";
  private static final String PASSWORD = "registry-password";

  private static Path folder;
  private static Process registry;
  private static List<String> pushed;

  private final Stack stack;

  PublishingIT(Stack stack) {
    this.stack = stack;
  }

  /** Needs no cluster: it is done while another class has it. */
  @BeforeAll
  static void publishToRegistry(Stack stack) throws Exception {
    startRegistry(stack);
    pushed = publish(stack);
  }

  private static void startRegistry(Stack stack) throws Exception {
    folder = Files.createTempDirectory("registry");
    Files.writeString(
        folder.resolve("htpasswd"),
        stack.commands.python("client", "htpasswd.py", "iris", PASSWORD));
    Files.writeString(
        folder.resolve("config.yml"),
        """
        version: 0.1
        storage: {filesystem: {rootdirectory: %1$s/data}}
        http: {addr: "%2$s"}
        auth: {htpasswd: {realm: test, path: %1$s/htpasswd}}
        log: {level: error}
        """
            .formatted(folder, REGISTRY));
    registry =
        new ProcessBuilder("docker-registry", "serve", folder + "/config.yml")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://" + REGISTRY + "/v2/")).build();
      await()
          .until(
              () ->
                  http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode()
                      == HttpURLConnection.HTTP_UNAUTHORIZED);
    }
  }

  @AfterAll
  static void stopRegistry() {
    registry.destroy();
  }

  @Test
  @ResourceLock(Phase.CLUSTER)
  void publishedImagesAreInstalledByDigestAndWithAPullSecret() throws Exception {
    assertThat(pushed)
        .hasSize(4)
        .allMatch(line -> line.matches(REGISTRY + "/iris/[a-z-]+:\\S+@sha256:[0-9a-f]{64}"));

    Release release = Release.create(stack, "published");
    try {
      release.kubectl(
          "create",
          "secret",
          "docker-registry",
          "pull",
          "--docker-server=" + REGISTRY,
          "--docker-username=iris",
          "--docker-password=" + PASSWORD);
      release.helm(
          "install",
          "published",
          "oci://" + REGISTRY + "/iris/iris-stack",
          "--plain-http",
          "--registry-config=" + folder.resolve("login.json"),
          "--version=0.1.0",
          "--wait",
          "--timeout=3m",
          "--set=imagePullSecrets={pull},operator.watchNamespaces={published},crds.install=false",
          "--set=grafana.enabled=false,prometheus.enabled=false,prometheus.operator.enabled=false",
          "--set=mlflow.enabled=false,operator.trackingUri=" + MlflowServer.CLUSTER_ADDRESS);
      release.serve(
          "pulled", "{model: {latest: {experiment: published}}, training: {retrain: first}}");
      List<String> images = new ArrayList<>();
      stack
          .client
          .pods()
          .inNamespace("published")
          .list()
          .getItems()
          .forEach(pod -> images.add(pod.getSpec().getContainers().getFirst().getImage()));
      assertThat(images)
          .hasSize(3)
          .allMatch(image -> image.matches(REGISTRY + "/iris/.+@sha256:.+"));
    } finally {
      release.uninstall();
    }
  }

  /** Publishes from a copy of the sources, as Maven is running in the sources themselves. */
  private static List<String> publish(Stack stack) throws Exception {
    Path copy = folder.resolve("sources");
    stack.commands.run(
        "sh",
        "-c",
        // With what is compiled already.
        "mkdir %1$s && cd %2$s && (git ls-files -z --cached --others --exclude-standard; find . -path './.git' -prune -o \\( -path '*/target/classes/*' -o -path '*/target/maven-status/*' \\) -type f -print0) | tar --null -T - --ignore-failed-read -c | tar -C %1$s -x"
            .formatted(copy, Stack.ROOT));
    Path login = folder.resolve("login.json");
    stack.commands.run(
        "helm",
        "registry",
        "login",
        REGISTRY,
        "--plain-http",
        "--registry-config=" + login,
        "--username=iris",
        "--password=" + PASSWORD);
    String log =
        stack.commands.run(
            Map.of("HELM_PUSH_FLAGS", "--plain-http --registry-config=" + login),
            List.of(
                copy + "/mvnw",
                "-B",
                "-f",
                copy + "/pom.xml",
                "-Pimages",
                "deploy",
                "-Dimage.registry=" + REGISTRY + "/iris",
                "-Dimage.tag=0.1.0-e2e",
                "-Dmaven.main.skip=true",
                "-Dmaven.test.skip=true",
                "-Dspotless.check.skip=true",
                "-Djib.allowInsecureRegistries=true",
                "-DsendCredentialsOverHttp=true",
                "-Djib.to.auth.username=iris",
                "-Djib.to.auth.password=" + PASSWORD));
    return Pattern.compile("(?m)^\\S+@sha256:[0-9a-f]{64}$")
        .matcher(log)
        .results()
        .map(MatchResult::group)
        .toList();
  }
}
