import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A bare client that server-side applies objects: {@code java ApplyObjects.java SERVER CA_FILE
 * TOKEN_FILE OBJECTS CONCURRENCY}. Each line of OBJECTS is a path, a tab and a body. Ends with an
 * error if one of them is not applied.
 */
final class ApplyObjects {
  private ApplyObjects() {}

  public static void main(String[] arguments) throws Exception {
    String server = arguments[0];
    String token = Files.readString(Path.of(arguments[2])).strip();
    List<String> objects = Files.readAllLines(Path.of(arguments[3]));
    try (HttpClient http =
            HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_2)
                .sslContext(trusting(Path.of(arguments[1])))
                .build();
        var threads = Executors.newFixedThreadPool(Integer.parseInt(arguments[4]))) {
      long start = System.nanoTime();
      List<Future<?>> applied =
          objects.stream()
              .<Future<?>>map(
                  line -> {
                    String[] parts = line.split("\t", 2);
                    return threads.submit(() -> apply(http, server + parts[0], token, parts[1]));
                  })
              .toList();
      for (Future<?> each : applied) {
        each.get();
      }
      System.out.printf("%.2f%n", Duration.ofNanos(System.nanoTime() - start).toMillis() / 1000.0);
    }
  }

  private static Void apply(HttpClient http, String uri, String token, String body)
      throws Exception {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(URI.create(uri + "?fieldManager=bench&force=true"))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/apply-patch+yaml")
                .method("PATCH", HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() >= 300) {
      throw new IllegalStateException(uri + ": " + response.body());
    }
    return null;
  }

  private static SSLContext trusting(Path authority) throws Exception {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    try (var in = Files.newInputStream(authority)) {
      for (Certificate certificate :
          CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        trusted.setCertificateEntry("authority-" + trusted.size(), certificate);
      }
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }
}
