/** Authentication. */
package io.irisoperator.server.security;
