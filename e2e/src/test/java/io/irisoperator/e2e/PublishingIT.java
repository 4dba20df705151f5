package io.irisoperator.e2e;

import static io.irisoperator.e2e.Stack.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
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
import org.junit.jupiter.api.Test;

/** Somebody publishes images and chart to a registry of theirs, and installs from there. */
class PublishingIT {
  private static final String REGISTRY = "127.0.0.1:15555";
  private static final String PASSWORD = "to-be-pulled-with";

  private static Stack stack;
  private static Path folder;
  private static Process registry;

  @BeforeAll
  static void startRegistry() throws Exception {
    stack = new Stack();
    folder = Files.createTempDirectory("registry");
    Files.writeString(
        folder.resolve("htpasswd"), stack.python("client", "htpasswd.py", "iris", PASSWORD));
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
  static void stopRegistry() throws IOException {
    registry.destroy();
    stack.close();
  }

  @Test
  void whatIsPublishedIsInstalledByDigestAndWithAPullSecret() throws Exception {
    List<String> pushed = publish();
    assertThat(pushed)
        .hasSize(4)
        .allMatch(line -> line.matches(REGISTRY + "/iris/[a-z-]+:\\S+@sha256:[0-9a-f]{64}"));

    Release release = Release.in(stack, "published");
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
          "--set=mlflow.enabled=false,operator.trackingUri=http://mlflow.mlops:5000");
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
      release.remove();
    }
  }

  /** Publishes a copy of the sources: Maven is at work in the sources themselves. */
  private static List<String> publish() throws Exception {
    Path copy = folder.resolve("sources");
    stack.run(
        Map.of(),
        List.of(
            "sh",
            "-c",
            "mkdir %1$s && git -C %2$s ls-files -z --cached --others --exclude-standard | tar -C %2$s --null -T - --ignore-failed-read -c | tar -C %1$s -x"
                .formatted(copy, Stack.ROOT)));
    Path login = folder.resolve("login.json");
    stack.run(
        Map.of(),
        List.of(
            "helm",
            "registry",
            "login",
            REGISTRY,
            "--plain-http",
            "--registry-config=" + login,
            "--username=iris",
            "--password=" + PASSWORD));
    String log =
        stack.run(
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
                "-Dmaven.test.skip=true",
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
