/** Loading, verifying and holding the model. */
package io.irisoperator.server.model;
