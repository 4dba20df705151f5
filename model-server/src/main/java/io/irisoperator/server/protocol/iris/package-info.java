/** The {@code /predict} API, with its fast path. */
package io.irisoperator.server.protocol.iris;
