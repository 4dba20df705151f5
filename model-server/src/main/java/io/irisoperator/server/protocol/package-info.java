/** What several protocols share. */
package io.irisoperator.server.protocol;
