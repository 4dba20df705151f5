/** Grafana dashboards, of a model and of the operator. */
package io.irisoperator.operator.dashboard;
