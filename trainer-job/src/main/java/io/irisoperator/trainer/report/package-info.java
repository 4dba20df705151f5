/** The report of a training: pictures, and the same numbers as JSON. */
package io.irisoperator.trainer.report;
