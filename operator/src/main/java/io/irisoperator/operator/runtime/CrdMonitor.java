package io.irisoperator.operator.runtime;

import io.irisoperator.operator.api.IrisModel;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/**
 * Whether the CRD of a dependent is installed. When that changes, all IrisModels are reconciled, as
 * it causes no event of theirs. Thread-safe.
 */
public final class CrdMonitor {
  private final BooleanSupplier installed;
  private final AtomicReference<Runnable> reconcileAll = new AtomicReference<>(() -> {});
  private final AtomicReference<Optional<Boolean>> last = new AtomicReference<>(Optional.empty());

  /**
   * A monitor.
   *
   * @param installed asks the API server
   */
  public CrdMonitor(BooleanSupplier installed) {
    this.installed = installed;
  }

  /** The events of an operator of the SDK that has just started. */
  public SimpleInboundEventSource<IrisModel> watch(EventSourceContext<IrisModel> context) {
    SimpleInboundEventSource<IrisModel> events = new SimpleInboundEventSource<>("crds");
    reconcileAll.set(
        () ->
            context
                .getPrimaryCache()
                .list()
                .map(ResourceID::fromResource)
                .forEach(events::propagateEvent));
    return events;
  }

  /** Whether it was installed when it was checked last. */
  public boolean isInstalled() {
    if (last.get().isEmpty()) {
      check();
    }
    return last.get().orElseThrow();
  }

  /** To be called every few seconds. */
  public void check() {
    boolean now = installed.getAsBoolean();
    Optional<Boolean> before = last.getAndSet(Optional.of(now));
    if (before.isPresent() && before.get() != now) {
      reconcileAll.get().run();
    }
  }
}
