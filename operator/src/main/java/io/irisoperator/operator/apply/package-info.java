/** Applies a decision: the context of a reconciliation, and what all dependents share. */
package io.irisoperator.operator.apply;
