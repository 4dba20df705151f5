/** What a wrong request is answered with. */
package io.irisoperator.server.error;
