/** The observed state, as plain values: no I/O, no judgement. */
package io.irisoperator.operator.state;
