/** Health and readiness. */
package io.irisoperator.server.health;
