package io.irisoperator.server.predict;

import com.fasterxml.jackson.databind.node.TextNode;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;
import java.nio.charset.StandardCharsets;

/**
 * An answer.
 *
 * @param prediction the class's name
 * @param confidence its probability
 */
@Serdeable
@Schema(description = "The predicted class and its probability")
record Prediction(
    @Schema(example = "setosa") String prediction, @Schema(example = "1.0") float confidence) {
  /** How the JSON of this class begins; the confidence follows, and a brace. */
  static byte[] beforeConfidence(String prediction) {
    return "{\"prediction\":%s,\"confidence\":"
        .formatted(new TextNode(prediction).toString())
        .getBytes(StandardCharsets.UTF_8);
  }
}
