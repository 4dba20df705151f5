/** How pods get from one revision to the next, and back. */
package io.irisoperator.operator.rollout;
