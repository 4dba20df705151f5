package io.irisoperator.server.http;

import io.irisoperator.contract.ModelHeaders;
import io.micronaut.core.annotation.Nullable;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The identity of a request across programs.
 *
 * @param id the client's {@code x-request-id}, otherwise the trace ID, otherwise a random ID
 * @param traceId the trace that the request belongs to, 32 hexadecimal digits
 * @see <a href="https://www.w3.org/TR/trace-context/#traceparent-header">traceparent</a>
 */
public record RequestIdentity(String id, Optional<String> traceId) {
  public static final String HEADER = ModelHeaders.REQUEST_ID;

  /** Excludes characters that could break a log line or a header. */
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9._:/+=@-]{1,128}");

  private static final Pattern TRACEPARENT =
      Pattern.compile(
          "(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?");

  /**
   * Reads the identity from a request's headers.
   *
   * @param headers maps a header's name to its value, or to null if the request does not have it
   */
  public static RequestIdentity of(Function<String, @Nullable String> headers) {
    Optional<String> traceId =
        Optional.ofNullable(headers.apply("traceparent"))
            .map(TRACEPARENT::matcher)
            .filter(Matcher::matches)
            .map(m -> m.group(1));
    String id =
        Optional.ofNullable(headers.apply(HEADER))
            .filter(value -> ID.matcher(value).matches())
            .or(() -> traceId)
            .orElseGet(RequestIdentity::random);
    return new RequestIdentity(id, traceId);
  }

  private static String random() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
  }
}
