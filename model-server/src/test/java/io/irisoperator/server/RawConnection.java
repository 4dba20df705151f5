package io.irisoperator.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A connection for requests that an HTTP client would not send. */
final class RawConnection implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 10_000;
  private static final Pattern LENGTH = Pattern.compile("(?i)content-length: (\\d+)");

  private final Socket socket;
  private final InputStream in;

  RawConnection(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream());
  }

  static String predict(String body, String... headers) {
    return "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s"
        .formatted(
            headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n", body.length(), body);
  }

  /** A response without its request ID, with sorted headers. */
  static String withoutId(String response) {
    return response
        .replaceAll("x-request-id: .*", "x-request-id: …")
        .lines()
        .sorted()
        .toList()
        .toString();
  }

  /** Sends bytes as they are. */
  void send(String bytes) throws IOException {
    socket.getOutputStream().write(bytes.getBytes(ISO_8859_1));
    socket.getOutputStream().flush();
  }

  /** Sends a request and reads its response. */
  String exchange(String request) throws IOException {
    send(request);
    return response();
  }

  /** Reads the next response to its end. */
  String response() throws IOException {
    StringBuilder response = new StringBuilder();
    while (response.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("closed after: " + response);
      }
      response.append((char) next);
    }
    Matcher length = LENGTH.matcher(response);
    int body = length.find() ? Integer.parseInt(length.group(1)) : 0;
    return response.append(new String(in.readNBytes(body), ISO_8859_1)).toString();
  }

  /** Reads until the server closes the connection. */
  String rest() throws IOException {
    try {
      return new String(in.readAllBytes(), ISO_8859_1);
    } catch (SocketException e) {
      // The server closed the connection without reading everything.
      return "";
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
