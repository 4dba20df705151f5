package io.irisoperator.server.security;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.irisoperator.server.ServerConfig;
import io.micronaut.core.annotation.Nullable;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The allowed bearer tokens, read from a mounted Secret: for each client, a file with the SHA-256
 * of its token. The files are read again every few seconds, so tokens can be added and revoked
 * without a restart. If the files cannot be read, the tokens of the last successful read stay
 * allowed; if there was none, no token is allowed.
 */
@Singleton
public final class Tokens {
  private static final Logger LOG = LoggerFactory.getLogger(Tokens.class);
  private static final int REFRESH_SECONDS = 5;
  private static final Pattern HASH = Pattern.compile("(?:sha256:)?([0-9a-f]{64})");
  private static final String SCHEME = "Bearer ";

  private final Optional<Path> folder;
  private final AtomicReference<List<byte[]>> hashes = new AtomicReference<>(List.of());
  private final ScheduledExecutorService refresh =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("tokens").factory());

  Tokens(ServerConfig config) {
    folder = config.listener().tokens();
    folder.ifPresent(
        path -> {
          read(path);
          var _ =
              refresh.scheduleWithFixedDelay(
                  () -> read(path), REFRESH_SECONDS, REFRESH_SECONDS, TimeUnit.SECONDS);
        });
  }

  @PreDestroy
  void stop() {
    refresh.shutdownNow();
  }

  private void read(Path path) {
    List<byte[]> read = new ArrayList<>();
    try (Stream<Path> files = Files.list(path)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        Matcher hash = HASH.matcher(new String(Files.readAllBytes(file), ISO_8859_1).strip());
        if (hash.matches()) {
          read.add(HexFormat.of().parseHex(hash.group(1)));
        } else {
          LOG.warn("ignoring {}: it is not the SHA-256 of a token in hexadecimal digits", file);
        }
      }
      hashes.set(List.copyOf(read));
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("cannot read the tokens in {}, keeping the previous ones: {}", path, e.toString());
    }
  }

  /**
   * Whether a request is allowed. The time this takes does not depend on how much of a token is
   * right.
   *
   * @param authorization the {@code Authorization} header, or null if the request does not have it
   */
  public boolean allow(@Nullable String authorization) {
    if (folder.isEmpty()) {
      return true;
    }
    if (authorization == null
        || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return false;
    }
    byte[] hash = sha256(authorization.substring(SCHEME.length()).strip());
    boolean allowed = false;
    for (byte[] known : hashes.get()) {
      allowed |= MessageDigest.isEqual(known, hash);
    }
    return allowed;
  }

  private static byte[] sha256(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
