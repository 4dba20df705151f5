/** Prometheus metrics. */
package io.irisoperator.server.metrics;
