package io.irisoperator.server.protocol.openinference;

import io.irisoperator.server.prediction.Rows;
import java.util.List;
import java.util.Optional;

/**
 * An inference request.
 *
 * @param id repeated in the response
 * @param rows the rows to predict
 * @param outputs the requested outputs; empty for all
 * @param binary whether outputs are binary data unless they specify otherwise
 */
public record InferRequest(Optional<String> id, Rows rows, List<Output> outputs, boolean binary) {
  public InferRequest {
    outputs = List.copyOf(outputs);
  }

  /**
   * A requested output.
   *
   * @param binary whether as binary data, if specified
   */
  public record Output(String name, Optional<Boolean> binary) {}
}
