package io.irisoperator.model;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/** A model folder as one compressed file: a ZIP, which any program can open. Immutable. */
public final class ModelArchive {
  /** A ZIP has no time before this one. */
  private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private final byte[] bytes;

  private ModelArchive(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Packs a folder; the same files give the same bytes. */
  public static ModelArchive of(ModelFolder folder) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> file : folder.files().entrySet()) {
        ZipEntry entry = new ZipEntry(file.getKey());
        entry.setTimeLocal(NO_TIME);
        zip.putNextEntry(entry);
        zip.write(file.getValue());
        zip.closeEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("memory can be written to", e);
    }
    return new ModelArchive(bytes.toByteArray());
  }

  /** The number of bytes. */
  public int size() {
    return bytes.length;
  }

  /** A copy of the bytes. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /**
   * The bytes of one part, if the archive is cut into parts of equal size.
   *
   * @param part counts from 0
   * @param partBytes the size of all parts but the last
   */
  public byte[] part(int part, int partBytes) {
    int from = part * partBytes;
    return Arrays.copyOfRange(bytes, from, Math.min(from + partBytes, bytes.length));
  }

  /**
   * Unpacks a folder. Its digest shows whether it is the right one.
   *
   * @throws InvalidModelException if the bytes are not an archive, or unpack to more than {@link
   *     ModelFolder#MAX_BYTES}
   */
  public static ModelFolder read(byte[] archive) throws InvalidModelException {
    SortedMap<String, byte[]> files = new TreeMap<>();
    long left = ModelFolder.MAX_BYTES;
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(archive))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        byte[] file = zip.readNBytes((int) Math.min(Integer.MAX_VALUE, left + 1));
        left -= file.length;
        if (left < 0) {
          throw new InvalidModelException(
              "the archive unpacks to more than %d bytes".formatted(ModelFolder.MAX_BYTES));
        }
        files.put(entry.getName(), file);
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new InvalidModelException("the archive cannot be unpacked: " + e.getMessage(), e);
    }
    return new ModelFolder(files);
  }
}
