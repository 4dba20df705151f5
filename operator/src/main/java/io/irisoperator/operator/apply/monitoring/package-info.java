/** The dependents for Prometheus and Grafana, one a file. */
package io.irisoperator.operator.apply.monitoring;
