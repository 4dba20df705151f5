/** What all HTTP requests share: limits, errors, request IDs and headers. */
package io.irisoperator.server.http;
