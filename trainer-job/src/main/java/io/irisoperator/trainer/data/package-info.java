/** The generator of the data sets in {@code data/}. */
package io.irisoperator.trainer.data;
