/** The process around the reconciler. */
package io.irisoperator.operator.runtime;
