/** Keeps what an IrisModel asks for: observe, decide, apply. */
package io.irisoperator.operator;
