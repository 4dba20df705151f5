package io.irisoperator.server.inference;

import io.irisoperator.server.predict.Rows;
import java.util.List;
import java.util.Optional;

/**
 * What {@code …/infer} is asked.
 *
 * @param id to be repeated in the answer
 * @param outputs that are asked for; empty for all
 * @param binary whether outputs that do not say otherwise are wanted as binary data
 */
record InferRequest(Optional<String> id, Rows rows, List<Output> outputs, boolean binary) {
  InferRequest {
    outputs = List.copyOf(outputs);
  }

  /**
   * An output that is asked for.
   *
   * @param binary whether as binary data, where that is said
   */
  record Output(String name, Optional<Boolean> binary) {}
}
