package io.irisoperator.operator.store;

import io.irisoperator.model.ModelArchive;
import io.irisoperator.model.ModelFolder;
import io.irisoperator.operator.api.IrisModelStatus;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A model that is kept in the cluster.
 *
 * @param model what was stored
 * @param configMaps the names of the ConfigMaps that hold its archive, in the order of its parts
 * @param found what they hold instead, where that is not what was stored: a digest, or why none can
 *     be told
 */
public record StoredModel(
    IrisModelStatus.Model model, List<String> configMaps, Optional<String> found) {
  /** ConfigMaps may have 1 MiB; their names and labels count, too. */
  static final int PART_BYTES = 1_000_000;

  public StoredModel {
    configMaps = List.copyOf(configMaps);
  }

  public String digest() {
    return model.digest();
  }

  /** How many parts an archive of so many bytes has. */
  static int parts(int bytes) {
    return Math.ceilDiv(bytes, PART_BYTES);
  }

  /** The ConfigMap that holds a part of a model's archive. */
  static String configMap(String irisModel, String digest, int part) {
    return "%s-model-%s-%d".formatted(irisModel, shortened(digest), part);
  }

  /** As many digits as names and labels can bear; the whole digest is in an annotation. */
  static String shortened(String digest) {
    int start = "sha256:".length();
    return digest.substring(start, start + 16);
  }

  /** A model that is to be stored. */
  public static StoredModel of(String irisModel, IrisModelStatus.Model model, ModelFolder files) {
    List<String> names =
        IntStream.range(0, parts(ModelArchive.write(files).length))
            .mapToObj(part -> configMap(irisModel, model.digest(), part))
            .toList();
    return new StoredModel(model, names, Optional.empty());
  }
}
