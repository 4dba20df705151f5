package io.irisoperator.server.metrics;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micronaut.context.annotation.Factory;
import io.prometheus.metrics.instrumentation.jvm.JvmGarbageCollectorMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmMemoryMetrics;
import io.prometheus.metrics.instrumentation.jvm.ProcessMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import jakarta.inject.Singleton;

/**
 * Provides the Prometheus registry behind Micrometer's, with the JVM and process metrics. Meters of
 * Micrometer and collectors of the Prometheus client appear in the same scrape. Our own metrics are
 * collectors, because those can be bound to their labels once and then count without allocation.
 */
@Factory
final class RegistryFactory {
  @Singleton
  PrometheusRegistry registry(PrometheusMeterRegistry meters) {
    PrometheusRegistry registry = meters.getPrometheusRegistry();
    // Not Micrometer's binders: they have no process_resident_memory_bytes, which dashboards show.
    // Not all JVM metrics: collecting those of threads makes a scrape slow.
    JvmMemoryMetrics.builder().register(registry);
    JvmGarbageCollectorMetrics.builder().register(registry);
    ProcessMetrics.builder().register(registry);
    return registry;
  }
}
