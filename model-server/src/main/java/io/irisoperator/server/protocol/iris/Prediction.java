package io.irisoperator.server.protocol.iris;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.micronaut.serde.annotation.Serdeable;
import java.nio.charset.StandardCharsets;

/**
 * The response to {@code POST /predict}.
 *
 * @param prediction the name of the predicted class
 * @param confidence its probability
 */
@Serdeable
record Prediction(String prediction, float confidence) {
  /** The JSON of a prediction up to its confidence; the number and a brace follow. */
  static byte[] jsonPrefix(String prediction) {
    return "{\"prediction\":\"%s\",\"confidence\":"
        .formatted(new String(JsonStringEncoder.getInstance().quoteAsString(prediction)))
        .getBytes(StandardCharsets.UTF_8);
  }
}
