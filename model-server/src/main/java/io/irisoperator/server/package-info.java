/** The REST server of one model. */
package io.irisoperator.server;
