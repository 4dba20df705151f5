package io.irisoperator.server.health;

import io.irisoperator.server.metrics.ServerMetrics;
import io.irisoperator.server.model.LoadedModel;
import jakarta.inject.Singleton;
import java.util.concurrent.atomic.AtomicBoolean;

/** Whether the server should receive traffic. */
@Singleton
public final class Health {
  private final LoadedModel loaded;
  private final ServerMetrics metrics;
  private final AtomicBoolean draining = new AtomicBoolean();

  Health(LoadedModel loaded, ServerMetrics metrics) {
    this.loaded = loaded;
    this.metrics = metrics;
  }

  /** Reports not ready from now on, while requests still get responses. */
  public void drain() {
    draining.set(true);
    metrics.draining();
  }

  public boolean draining() {
    return draining.get();
  }

  public boolean ready() {
    return loaded.model().isPresent() && !draining();
  }

  String message() {
    return draining() ? "the server is shutting down" : loaded.message();
  }
}
