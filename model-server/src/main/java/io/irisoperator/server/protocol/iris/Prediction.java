package io.irisoperator.server.protocol.iris;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.micronaut.serde.annotation.Serdeable;
import java.nio.charset.StandardCharsets;

/**
 * An answer.
 *
 * @param prediction the class's name
 * @param confidence its probability
 */
@Serdeable
record Prediction(String prediction, float confidence) {
  /** How the JSON of this class begins; the confidence follows, and a brace. */
  static byte[] beforeConfidence(String prediction) {
    return "{\"prediction\":\"%s\",\"confidence\":"
        .formatted(new String(JsonStringEncoder.getInstance().quoteAsString(prediction)))
        .getBytes(StandardCharsets.UTF_8);
  }
}
