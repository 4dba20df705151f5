package io.irisoperator.operator.state;

import io.irisoperator.model.ModelArchive;
import io.irisoperator.operator.api.PinnedModel;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A copy of a model in the cluster.
 *
 * @param configMaps the names of the ConfigMaps that hold the parts of its archive, in order
 * @param corruption what they hold instead of the model, if they do
 */
public record StoredModel(PinnedModel model, List<String> configMaps, Optional<String> corruption) {
  /** A ConfigMap may have 1 MiB, including its names and labels. */
  public static final int PART_BYTES = 1_000_000;

  public StoredModel {
    configMaps = List.copyOf(configMaps);
  }

  public String digest() {
    return model.digest();
  }

  /** The copy to create for a model. */
  public static StoredModel of(String irisModel, PinnedModel model, ModelArchive archive) {
    List<String> names =
        IntStream.range(0, Math.ceilDiv(archive.size(), PART_BYTES))
            .mapToObj(part -> configMap(irisModel, model.digest(), part))
            .toList();
    return new StoredModel(model, names, Optional.empty());
  }

  private static String configMap(String irisModel, String digest, int part) {
    return "%s-model-%s-%d".formatted(irisModel, shortDigest(digest), part);
  }

  /** As many digits as names and labels can hold; the whole digest is in an annotation. */
  public static String shortDigest(String digest) {
    int start = "sha256:".length();
    return digest.substring(start, start + 16);
  }
}
