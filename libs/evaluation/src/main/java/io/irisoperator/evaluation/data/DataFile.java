package io.irisoperator.evaluation.data;

import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A data file: a local one, or one that is downloaded by http or https and verified by digest. */
public final class DataFile {
  private static final Duration TIMEOUT = Duration.ofMinutes(5);
  private static final long MAX_BYTES = 64L << 20;

  private DataFile() {}

  /**
   * Returns the local file, or downloads the URL.
   *
   * @param location a path or a URL
   * @param digest {@code sha256:…} of the file's bytes; required for a URL
   * @throws InvalidDataException if the digest differs, or a URL has none
   * @throws IOException if the download fails; a retry may help
   */
  public static Path fetch(String location, Optional<String> digest, ProxySelector proxies)
      throws InvalidDataException, IOException {
    if (!location.matches("https?://.*")) {
      return verified(location, Path.of(location), digest);
    }
    if (digest.isEmpty()) {
      throw new InvalidDataException(location + " needs a digest, as its content may change");
    }
    return verified(location, download(URI.create(location), proxies), digest);
  }

  private static Path verified(String location, Path file, Optional<String> digest)
      throws InvalidDataException, IOException {
    if (digest.isPresent()) {
      String actual = DatasetReader.digest(Files.readAllBytes(file));
      if (!actual.equals(digest.get())) {
        throw new InvalidDataException(
            "%s has the digest %s, expected %s".formatted(location, actual, digest.get()));
      }
    }
    return file;
  }

  private static Path download(URI uri, ProxySelector proxies) throws IOException {
    String extension = uri.getPath().endsWith(".json") ? ".json" : ".csv";
    Path file = Files.createTempFile("train-", extension);
    int status;
    try (HttpClient http =
        HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(10))
            .proxy(proxies)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build()) {
      // The request's own timeout ends with the headers, but a body may hang, too.
      CompletableFuture<HttpResponse<Path>> response =
          http.sendAsync(
              HttpRequest.newBuilder(uri).build(),
              HttpResponse.BodyHandlers.limiting(
                  HttpResponse.BodyHandlers.ofFile(file), MAX_BYTES));
      try {
        status = response.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS).statusCode();
      } finally {
        http.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while downloading " + uri, e);
    } catch (TimeoutException e) {
      throw new IOException(
          "%s was not downloaded within %d s".formatted(uri, TIMEOUT.toSeconds()), e);
    } catch (ExecutionException e) {
      throw new IOException(uri + " cannot be downloaded: " + e.getCause(), e);
    }
    if (status != 200) {
      throw new IOException(uri + " answered " + status);
    }
    return file;
  }
}
