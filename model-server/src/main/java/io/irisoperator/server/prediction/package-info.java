/** The prediction core: rows in, classes and probabilities out. It has no HTTP types. */
package io.irisoperator.server.prediction;
