/** Alerts and dashboards, as data. */
package io.irisoperator.operator.monitoring;
