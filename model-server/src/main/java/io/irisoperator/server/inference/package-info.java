/** The Open Inference Protocol (V2), and KServe's first one. */
package io.irisoperator.server.inference;
