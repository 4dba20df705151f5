package io.irisoperator.e2e;

import static io.irisoperator.e2e.Waits.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;

/**
 * An S3 server on this machine that the pods reach: moto, which keeps its data in memory.
 *
 * @param address on the bridge of the pods' network
 */
record S3Server(Process process, URI address, HttpClient http) implements AutoCloseable {
  static S3Server start(Stack stack, String... buckets) throws Exception {
    String host = Cluster.bridge().getHostAddress();
    int port = FreePort.find();
    Process process =
        new ProcessBuilder(
                stack.commands.venv("s3") + "/bin/moto_server",
                "--host",
                host,
                "--port",
                String.valueOf(port))
            .redirectErrorStream(true)
            .redirectOutput(Files.createTempFile("moto", ".log").toFile())
            .start();
    S3Server server =
        new S3Server(
            process, URI.create("http://" + host + ":" + port), HttpClient.newHttpClient());
    for (String bucket : buckets) {
      await().until(() -> server.put(bucket, "") == 200);
    }
    return server;
  }

  /** Puts an empty object; with an empty key it creates the bucket. */
  int put(String bucket, String key) throws IOException, InterruptedException {
    return http.send(
            HttpRequest.newBuilder(address.resolve("/" + bucket + "/" + key))
                .PUT(HttpRequest.BodyPublishers.noBody())
                .build(),
            HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  /** The list of a bucket's objects, as XML. */
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
