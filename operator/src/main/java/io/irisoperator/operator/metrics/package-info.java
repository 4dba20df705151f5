/** What the operator tells Prometheus, beside what the SDK does. */
package io.irisoperator.operator.metrics;
