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
 * What a request is known by across programs.
 *
 * @param id the caller's {@code x-request-id}, else its trace's id, else a new one
 * @param traceId of the trace that the request is part of, 32 hexadecimal digits
 * @see <a href="https://www.w3.org/TR/trace-context/#traceparent-header">traceparent</a>
 */
public record RequestIdentity(String id, Optional<String> traceId) {
  public static final String HEADER = ModelHeaders.REQUEST_ID;

  /** Nothing that could break a line of a log or a header. */
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9._:/+=@-]{1,128}");

  private static final Pattern TRACEPARENT =
      Pattern.compile(
          "(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?");

  /**
   * The identity of a request.
   *
   * @param headers from a header's name to its value, null where it is not there
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
