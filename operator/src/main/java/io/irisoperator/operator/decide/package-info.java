/** What should be: pure functions, no client in sight. */
package io.irisoperator.operator.decide;
