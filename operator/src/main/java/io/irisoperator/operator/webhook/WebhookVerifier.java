package io.irisoperator.operator.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Whether a webhook comes from who knows the secret, is new, was not accepted before, and is not
 * one too many. Thread-safe.
 *
 * @see <a href="https://mlflow.org/docs/latest/ml/webhooks/">MLflow's webhooks</a>
 */
final class WebhookVerifier {
  /** Clocks differ, and MLflow tries again for some seconds. */
  static final Duration MAX_AGE = Duration.ofMinutes(5);

  private static final String ALGORITHM = "HmacSHA256";
  private static final String VERSION = "v1,";

  private final SecretKeySpec key;
  private final RateLimit limit;
  private final Clock clock;

  /** Accepted deliveries, for as long as their time stamp is accepted. */
  private final Cache<String, Boolean> accepted =
      Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(MAX_AGE.multipliedBy(2)).build();

  /** What is wrong with a webhook, if anything is. */
  enum Verdict {
    ACCEPTED,
    WRONG_SIGNATURE,
    TOO_OLD,
    REPEATED,
    LIMITED
  }

  WebhookVerifier(String secret, RateLimit limit, Clock clock) {
    this.key = new SecretKeySpec(secret.getBytes(UTF_8), ALGORITHM);
    this.limit = limit;
    this.clock = clock;
  }

  /**
   * Accepts a webhook once.
   *
   * @param deliveryId from {@code X-MLflow-Delivery-Id}
   * @param timestamp from {@code X-MLflow-Timestamp}, in seconds since 1970
   * @param signature from {@code X-MLflow-Signature}: {@code v1,} and the HMAC in Base64 of the id,
   *     the time stamp and the body, with dots between them
   */
  Verdict verify(String deliveryId, String timestamp, String signature, byte[] body) {
    byte[] expected = (VERSION + hmac(deliveryId + "." + timestamp + ".", body)).getBytes(UTF_8);
    // In the same time for every wrong signature.
    if (!MessageDigest.isEqual(expected, signature.getBytes(UTF_8))) {
      return Verdict.WRONG_SIGNATURE;
    }
    if (!isRecent(timestamp)) {
      return Verdict.TOO_OLD;
    }
    if (accepted.getIfPresent(deliveryId) != null) {
      return Verdict.REPEATED;
    }
    // What is refused now is not remembered: MLflow tries again with the same id.
    if (!limit.admits()) {
      return Verdict.LIMITED;
    }
    return accepted.asMap().putIfAbsent(deliveryId, true) == null
        ? Verdict.ACCEPTED
        : Verdict.REPEATED;
  }

  private String hmac(String prefix, byte[] body) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      mac.update(prefix.getBytes(UTF_8));
      return Base64.getEncoder().encodeToString(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }

  private boolean isRecent(String timestamp) {
    try {
      Duration age =
          Duration.between(Instant.ofEpochSecond(Long.parseLong(timestamp)), clock.instant());
      return age.abs().compareTo(MAX_AGE) <= 0;
    } catch (ArithmeticException | DateTimeException | NumberFormatException e) {
      return false;
    }
  }
}
