/** The Open Inference Protocol over REST. */
package io.irisoperator.server.protocol.openinference.rest;
