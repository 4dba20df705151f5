package io.irisoperator.e2e;

import java.io.IOException;
import java.net.ServerSocket;

/** A TCP port of this machine that is not in use. */
final class FreePort {
  private FreePort() {}

  static int find() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
