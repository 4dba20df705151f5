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

/** A connection on which bytes are sent as no HTTP client would. */
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

  /** An answer but for the id of its request, with its headers sorted. */
  static String withoutId(String answer) {
    return answer
        .replaceAll("x-request-id: .*", "x-request-id: …")
        .lines()
        .sorted()
        .toList()
        .toString();
  }

  void send(String bytes) throws IOException {
    socket.getOutputStream().write(bytes.getBytes(ISO_8859_1));
    socket.getOutputStream().flush();
  }

  String ask(String request) throws IOException {
    send(request);
    return answer();
  }

  /** The next answer, whole. */
  String answer() throws IOException {
    StringBuilder answer = new StringBuilder();
    while (answer.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("closed after: " + answer);
      }
      answer.append((char) next);
    }
    Matcher length = LENGTH.matcher(answer);
    int body = length.find() ? Integer.parseInt(length.group(1)) : 0;
    return answer.append(new String(in.readNBytes(body), ISO_8859_1)).toString();
  }

  /** All that comes until the server closes. */
  String rest() throws IOException {
    try {
      return new String(in.readAllBytes(), ISO_8859_1);
    } catch (SocketException e) {
      // Closed with bytes of ours unread.
      return "";
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
