package io.irisoperator.e2e;

import static io.irisoperator.e2e.Stack.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** An S3 server on this machine's side of the pods' bridge: moto, which keeps all in memory. */
record Buckets(Process process, URI address, HttpClient http) implements AutoCloseable {
  static Buckets start(Stack stack, String... names) throws Exception {
    String bridge =
        stack
            .run(
                Map.of(),
                List.of(
                    "sh", "-c", "ip -4 -o addr show cni0 | sed 's/.*inet \\([0-9.]*\\).*/\\1/'"))
            .strip();
    String host = InetAddress.getByName(bridge).getHostAddress();
    Path folder =
        Path.of(stack.run(Map.of(), List.of(Stack.ROOT + "/dev/create-venv", "e2e/python/s3.txt")).strip());
    int port = Stack.freePort();
    Process process =
        new ProcessBuilder(
                folder + "/bin/moto_server", "--host", host, "--port", String.valueOf(port))
            .redirectErrorStream(true)
            .redirectOutput(Files.createTempFile("moto", ".log").toFile())
            .start();
    Buckets buckets =
        new Buckets(process, URI.create("http://" + host + ":" + port), HttpClient.newHttpClient());
    for (String name : names) {
      await().until(() -> buckets.put(name, "") == 200);
    }
    return buckets;
  }

  /** Puts an empty object, or makes the bucket where there is no key. */
  int put(String bucket, String key) throws IOException, InterruptedException {
    return http.send(
            HttpRequest.newBuilder(address.resolve("/" + bucket + "/" + key))
                .PUT(HttpRequest.BodyPublishers.noBody())
                .build(),
            HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  /** What S3 says of a bucket's objects. */
  String list(String bucket) throws IOException, InterruptedException {
    return http.send(
            HttpRequest.newBuilder(address.resolve("/" + bucket + "?list-type=2")).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  @Override
  public void close() {
    process.destroy();
    http.close();
  }
}
