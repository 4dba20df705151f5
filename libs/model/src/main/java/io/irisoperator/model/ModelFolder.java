package io.irisoperator.model;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The files of an MLflow model folder.
 *
 * @param files path below the folder, with {@code /} between its parts, to bytes
 */
public record ModelFolder(SortedMap<String, byte[]> files) {
  public static final String ONNX = "model.onnx";
  public static final String GOLDEN = "golden.json";

  /** The limit of all files together: 16 MiB, about 3,000 deep trees. */
  public static final long MAX_BYTES = 16L << 20;

  public ModelFolder {
    files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
  }

  public Optional<byte[]> file(String path) {
    return Optional.ofNullable(files.get(path));
  }

  /**
   * {@code sha256:} and the hex SHA-256 over, for each file in the order of its path: the path's
   * length in bytes as 8 bytes big-endian, the path in UTF-8, the file's length likewise, its
   * bytes.
   */
  public String digest() {
    MessageDigest sha256 = sha256();
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      update(sha256, file.getKey().getBytes(StandardCharsets.UTF_8));
      update(sha256, file.getValue());
    }
    return "sha256:" + HexFormat.of().formatHex(sha256.digest());
  }

  private static void update(MessageDigest digest, byte[] bytes) {
    digest.update(ByteBuffer.allocate(Long.BYTES).putLong(bytes.length).array());
    digest.update(bytes);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
