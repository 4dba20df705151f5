/** Messages of the Open Inference Protocol (V2). */
package io.irisoperator.server.protocol.openinference;
