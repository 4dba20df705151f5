/** Who asked what: identities of requests, and their lines in the log. */
package io.irisoperator.server.request;
