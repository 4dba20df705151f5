package io.irisoperator.operator.state;

import io.irisoperator.model.ModelArchive;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A copy of a model in the cluster. All IrisModels of a namespace share it.
 *
 * @param digest of the model
 * @param configMaps the names of the ConfigMaps that hold the parts of its archive, in order
 * @param corruption what they hold instead of the model, if they do
 */
public record StoredModel(String digest, List<String> configMaps, Optional<String> corruption) {
  /** A ConfigMap may have 1 MiB, including its names and labels. */
  public static final int PART_BYTES = 1_000_000;

  public StoredModel {
    configMaps = List.copyOf(configMaps);
  }

  /** The copy to create for a model. */
  public static StoredModel of(String digest, ModelArchive archive) {
    List<String> names =
        IntStream.range(0, Math.ceilDiv(archive.size(), PART_BYTES))
            .mapToObj(part -> configMap(digest, part))
            .toList();
    return new StoredModel(digest, names, Optional.empty());
  }

  /** The name of a part, with as many digits as fit; the whole digest is in an annotation. */
  public static String configMap(String digest, int part) {
    return prefix(digest) + part;
  }

  /** Whether a ConfigMap of this name is a part of the copy of a model. */
  public static boolean isPart(String configMap, String digest) {
    return configMap.startsWith(prefix(digest));
  }

  private static String prefix(String digest) {
    int start = "sha256:".length();
    return "stored-model-%s-".formatted(digest.substring(start, start + 16));
  }
}
