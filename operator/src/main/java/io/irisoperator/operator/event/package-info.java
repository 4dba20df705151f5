/** Telling of it. */
package io.irisoperator.operator.event;
