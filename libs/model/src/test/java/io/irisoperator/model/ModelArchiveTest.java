package io.irisoperator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ModelArchiveTest {
  private static final ModelFolder FOLDER =
      new ModelFolder(
          new TreeMap<>(
              Map.of("MLmodel", new byte[] {1, 2, 3}, "below/model.onnx", new byte[100_000])));

  @Test
  void unpacksWhatItPacked() throws Exception {
    byte[] archive = ModelArchive.of(FOLDER).bytes();
    assertThat(archive.length).isLessThan(2_000);
    assertThat(ModelArchive.read(archive).digest()).isEqualTo(FOLDER.digest());
    assertThat(ModelArchive.of(FOLDER).bytes()).isEqualTo(archive);
  }

  /** Most of the archive is incompressible data: a flipped byte there breaks the checksum. */
  @Test
  void rejectsAFlippedByte() {
    byte[] noise = new byte[1000];
    new Random(42).nextBytes(noise);
    byte[] archive =
        ModelArchive.of(new ModelFolder(new TreeMap<>(Map.of(ModelFolder.ONNX, noise)))).bytes();
    for (int at = 100; at < 1000; at++) {
      byte[] flipped = archive.clone();
      flipped[at] ^= 1;
      assertThatThrownBy(() -> ModelArchive.read(flipped))
          .as("byte %d of %d", at, archive.length)
          .isInstanceOf(InvalidModelException.class)
          .hasMessageContaining("cannot be unpacked");
    }
  }

  @Test
  void rejectsHalfAnArchive() {
    byte[] archive = ModelArchive.of(FOLDER).bytes();
    assertThatThrownBy(() -> ModelArchive.read(Arrays.copyOf(archive, archive.length / 3)))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("cannot be unpacked");
  }

  @Test
  void rejectsAnArchiveThatUnpacksToTooMuch() {
    byte[] bomb =
        ModelArchive.of(
                new ModelFolder(
                    new TreeMap<>(Map.of("big", new byte[(int) ModelFolder.MAX_BYTES + 1]))))
            .bytes();
    assertThat(bomb.length).isLessThan(100_000);
    assertThatThrownBy(() -> ModelArchive.read(bomb))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("unpacks to more than");
  }
}
