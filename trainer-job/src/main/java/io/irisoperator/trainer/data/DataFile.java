package io.irisoperator.trainer.data;

import java.io.IOException;
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

/** Where training rows are: a file, or one to be got by http or https, known by its digest. */
public final class DataFile {
  private static final Duration TIMEOUT = Duration.ofMinutes(5);
  private static final long MAX_BYTES = 64L << 20;

  private DataFile() {}

  /**
   * The file at hand, or got and compared with its digest.
   *
   * @param digest {@code sha256:…} of its bytes
   * @throws BadDataException when the file is another one, or no digest is given for a URL
   * @throws IOException when it cannot be got, which trying again may help
   */
  public static Path at(String place, Optional<String> digest)
      throws BadDataException, IOException {
    if (!place.matches("https?://.*")) {
      return required(place, Path.of(place), digest);
    }
    if (digest.isEmpty()) {
      throw new BadDataException(place + " needs a digest: what is got must be what was meant");
    }
    return required(place, download(URI.create(place)), digest);
  }

  private static Path required(String place, Path file, Optional<String> digest)
      throws BadDataException, IOException {
    if (digest.isPresent()) {
      String found = DatasetReader.digest(Files.readAllBytes(file));
      if (!found.equals(digest.get())) {
        throw new BadDataException(
            "%s has the digest %s, expected is %s".formatted(place, found, digest.get()));
      }
    }
    return file;
  }

  private static Path download(URI uri) throws IOException {
    String ending = uri.getPath().endsWith(".json") ? ".json" : ".csv";
    Path file = Files.createTempFile("train-", ending);
    int status;
    try (HttpClient http =
        HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(10))
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build()) {
      // Not the request's own timeout, which ends with the headers: a body may hang, too.
      CompletableFuture<HttpResponse<Path>> answer =
          http.sendAsync(
              HttpRequest.newBuilder(uri).build(),
              HttpResponse.BodyHandlers.limiting(
                  HttpResponse.BodyHandlers.ofFile(file), MAX_BYTES));
      try {
        status = answer.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS).statusCode();
      } finally {
        http.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(uri + ": interrupted", e);
    } catch (TimeoutException e) {
      throw new IOException(uri + " has not answered within " + TIMEOUT.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw new IOException(uri + " cannot be got: " + e.getCause(), e);
    }
    if (status != 200) {
      throw new IOException(uri + " answered " + status);
    }
    return file;
  }
}
