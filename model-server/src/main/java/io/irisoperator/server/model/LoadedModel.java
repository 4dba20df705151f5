package io.irisoperator.server.model;

import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** The served model once it is verified; until then, the reason why there is none. */
@Singleton
public final class LoadedModel {
  private final AtomicReference<State> state =
      new AtomicReference<>(new State(Optional.empty(), "the model is loading"));

  private record State(Optional<ServedModel> model, String message) {}

  public Optional<ServedModel> model() {
    return state.get().model();
  }

  /** A sentence for users about the state, for example the last failure. */
  public String message() {
    return state.get().message();
  }

  void loaded(ServedModel model) {
    state.set(new State(Optional.of(model), "the model is loaded and verified"));
  }

  void failed(String reason) {
    state.set(new State(Optional.empty(), reason));
  }
}
