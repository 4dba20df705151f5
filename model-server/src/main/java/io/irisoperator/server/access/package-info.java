/** Who may ask, how much at a time, and how slowly. */
package io.irisoperator.server.access;
