/** The model server: serves one model over several inference protocols. */
package io.irisoperator.server;
