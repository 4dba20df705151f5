package io.irisoperator.server.protocol.openinference;

import io.irisoperator.server.prediction.Rows;
import java.util.List;
import java.util.Optional;

/**
 * What {@code …/infer} is asked.
 *
 * @param id to be repeated in the answer
 * @param outputs that are asked for; empty for all
 * @param binary whether outputs that do not say otherwise are wanted as binary data
 */
public record InferRequest(Optional<String> id, Rows rows, List<Output> outputs, boolean binary) {
  public InferRequest {
    outputs = List.copyOf(outputs);
  }

  /**
   * An output that is asked for.
   *
   * @param binary whether as binary data, where that is said
   */
  public record Output(String name, Optional<Boolean> binary) {}
}
