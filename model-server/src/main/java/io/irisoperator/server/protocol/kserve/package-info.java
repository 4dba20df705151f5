/** KServe's V1 protocol. */
package io.irisoperator.server.protocol.kserve;
