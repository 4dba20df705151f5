/** Fits a forest with Smile. */
package io.irisoperator.trainer.forest;
