/** The desired state: pure functions of what was observed. */
package io.irisoperator.operator.decide;
