/** Rows of flowers: read, checked, generated. */
package io.irisoperator.trainer.data;
