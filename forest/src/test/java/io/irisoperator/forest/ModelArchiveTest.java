package io.irisoperator.forest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ModelArchiveTest {
  private static final ModelFolder FOLDER =
      new ModelFolder(
          new TreeMap<>(
              Map.of("MLmodel", new byte[] {1, 2, 3}, "below/model.onnx", new byte[100_000])));

  @Test
  void whatIsPackedComesOutAgain() throws Exception {
    byte[] archive = ModelArchive.write(FOLDER);
    assertThat(archive.length).isLessThan(2_000);
    assertThat(ModelArchive.read(archive).digest()).isEqualTo(FOLDER.digest());
    assertThat(ModelArchive.write(FOLDER)).isEqualTo(archive);
  }

  /** A flipped byte is refused, or gives files of another digest: never the same model. */
  @Test
  void noByteCanBeFlippedUnnoticed() {
    byte[] archive = ModelArchive.write(FOLDER);
    int harmless = 0;
    for (int at = 0; at < archive.length; at++) {
      byte[] flipped = archive.clone();
      flipped[at] ^= 1;
      try {
        // Times and the directory at the end say nothing of the files.
        harmless += ModelArchive.read(flipped).digest().equals(FOLDER.digest()) ? 1 : 0;
      } catch (BrokenModelException e) {
        assertThat(e).hasMessageContaining("cannot be unpacked");
      }
    }
    assertThat(harmless).isLessThan(archive.length);
    assertThatThrownBy(() -> ModelArchive.read(Arrays.copyOf(archive, archive.length / 3)))
        .isInstanceOf(BrokenModelException.class)
        .hasMessageContaining("cannot be unpacked");
  }

  @Test
  void anArchiveThatUnpacksToTooMuchIsRefused() {
    byte[] bomb =
        ModelArchive.write(
            new ModelFolder(
                new TreeMap<>(Map.of("big", new byte[(int) ModelFolder.MAX_BYTES + 1]))));
    assertThat(bomb.length).isLessThan(100_000);
    assertThatThrownBy(() -> ModelArchive.read(bomb))
        .isInstanceOf(BrokenModelException.class)
        .hasMessageContaining("unpacks to more than");
  }
}
