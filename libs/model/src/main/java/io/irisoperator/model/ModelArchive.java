package io.irisoperator.model;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.LocalDateTime;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/** A model folder as one compressed file: a ZIP, which any program can read. */
public final class ModelArchive {
  /** The earliest time of the ZIP format. */
  private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private ModelArchive() {}

  /** Packs a folder; the same files give the same bytes. */
  public static byte[] write(ModelFolder folder) {
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
      throw new UncheckedIOException("bytes in memory can always be written", e);
    }
    return bytes.toByteArray();
  }

  /**
   * Unpacks a folder. The caller verifies the digest.
   *
   * @throws InvalidModelException if the bytes are not such an archive, or unpack to more than
   *     {@link ModelFolder#MAX_BYTES}
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
