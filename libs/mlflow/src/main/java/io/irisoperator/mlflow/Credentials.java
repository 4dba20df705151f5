package io.irisoperator.mlflow;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a client of an MLflow server authenticates with. Neither its text nor a message ever has a
 * password or a token: records end up in logs.
 *
 * @see <a href="https://mlflow.org/docs/latest/self-hosting/security/basic-http-auth/">MLflow's
 *     basic authentication</a>
 */
public sealed interface Credentials {
  /** The keys of a Secret, and the names of the files that it is mounted as. */
  List<String> KEYS = List.of("username", "password", "token");

  /** The value of the Authorization header. */
  String header();

  /** A user of a server with basic authentication. */
  record User(String username, String password) implements Credentials {
    @Override
    public String header() {
      byte[] pair = (username + ":" + password).getBytes(StandardCharsets.UTF_8);
      return "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    @Override
    public String toString() {
      return "User[" + username + "]";
    }
  }

  /** A bearer token. */
  record Token(String token) implements Credentials {
    /**
     * A token.
     *
     * @throws IllegalArgumentException if it cannot be sent; the message does not have it
     */
    public Token {
      if (!token.matches("[!-~]+")) {
        throw new IllegalArgumentException("the token must be one word of ASCII characters");
      }
    }

    @Override
    public String header() {
      return "Bearer " + token;
    }

    @Override
    public String toString() {
      return "Token[…]";
    }
  }

  /**
   * The credentials of a Secret. A user comes before a token, as in MLflow's own clients.
   *
   * @param secret its values by {@linkplain #KEYS key}; space around them does not count
   * @return empty if it has neither a user name and a password nor a token
   * @throws IllegalArgumentException if the token cannot be sent; the message does not have it
   */
  static Optional<Credentials> of(Map<String, String> secret) {
    Map<String, String> values = new HashMap<>();
    secret.forEach((key, value) -> values.put(key, value.strip()));
    values.values().removeIf(String::isEmpty);
    if (values.containsKey("username") && values.containsKey("password")) {
      return Optional.of(new User(values.get("username"), values.get("password")));
    }
    return Optional.ofNullable(values.get("token")).map(Token::new);
  }

  /**
   * The credentials of a Secret that is mounted as a folder, as they are now.
   *
   * @return empty if the folder has none, as that of a Secret that does not exist
   * @throws IOException if a file cannot be read
   * @throws IllegalArgumentException if the token cannot be sent; the message does not have it
   */
  static Optional<Credentials> read(Path folder) throws IOException {
    Map<String, String> values = new HashMap<>();
    for (String key : KEYS) {
      Path file = folder.resolve(key);
      if (Files.exists(file)) {
        values.put(key, Files.readString(file));
      }
    }
    return of(values);
  }
}
