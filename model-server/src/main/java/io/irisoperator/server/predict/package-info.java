/** A row in, a class out. */
package io.irisoperator.server.predict;
