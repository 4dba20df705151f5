package io.irisoperator.server.model;

import io.irisoperator.model.ServableModel;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** The model that is served, once it is verified; until then, why not. */
@Singleton
public final class LoadedModel {
  private final AtomicReference<State> state =
      new AtomicReference<>(new State(Optional.empty(), "the model is being loaded"));

  private record State(Optional<ServableModel> model, String message) {}

  public Optional<ServableModel> model() {
    return state.get().model();
  }

  /** What there is to say: the last failure, or that all is well. */
  public String message() {
    return state.get().message();
  }

  void loaded(ServableModel model) {
    state.set(new State(Optional.of(model), "the model is loaded and verified"));
  }

  void failed(String reason) {
    state.set(new State(Optional.empty(), reason));
  }
}
