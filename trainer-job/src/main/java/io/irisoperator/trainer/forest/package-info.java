/** Fitting a forest with Smile and judging it. */
package io.irisoperator.trainer.forest;
