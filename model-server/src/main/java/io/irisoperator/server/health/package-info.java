/** Whether the server is well, and who it is. */
package io.irisoperator.server.health;
