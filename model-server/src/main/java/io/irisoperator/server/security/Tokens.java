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
 * The bearer tokens that are let in, as a mounted Secret has them: for each client a file with the
 * SHA-256 of its token. The files are read again every few seconds, so that tokens come and go
 * without a restart. Where they cannot be read, those that were read last hold on; where there
 * never were any, nobody is let in.
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
    folder = config.tokens();
    folder.ifPresent(
        from -> {
          read(from);
          var _ =
              refresh.scheduleWithFixedDelay(
                  () -> read(from), REFRESH_SECONDS, REFRESH_SECONDS, TimeUnit.SECONDS);
        });
  }

  @PreDestroy
  void stop() {
    refresh.shutdownNow();
  }

  private void read(Path from) {
    List<byte[]> read = new ArrayList<>();
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        Matcher hash = HASH.matcher(new String(Files.readAllBytes(file), ISO_8859_1).strip());
        if (hash.matches()) {
          read.add(HexFormat.of().parseHex(hash.group(1)));
        } else {
          LOG.warn(
              "{} is not the SHA-256 of a token in hexadecimal digits: nobody gets in by it", file);
        }
      }
      hashes.set(List.copyOf(read));
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("tokens cannot be read from {}, those before go on: {}", from, e.toString());
    }
  }

  /** Whether tokens are asked for at all. */
  public boolean areRequired() {
    return folder.isPresent();
  }

  /**
   * Whether a request is let in. How long it takes does not depend on how much of a token is right.
   *
   * @param authorization the request's header, null where there is none
   */
  public boolean allow(@Nullable String authorization) {
    if (!areRequired()) {
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
