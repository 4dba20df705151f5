/** The process around the reconciler: configuration, leadership, health, events and metrics. */
package io.irisoperator.operator.runtime;
