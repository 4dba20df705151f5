/** What Prometheus scrapes. */
package io.irisoperator.server.metrics;
