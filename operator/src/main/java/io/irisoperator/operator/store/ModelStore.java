package io.irisoperator.operator.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.irisoperator.contract.ArchiveParts;
import io.irisoperator.model.InvalidModelException;
import io.irisoperator.model.ModelArchive;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.api.Labels.Component;
import io.irisoperator.operator.api.ModelAnnotation;
import io.irisoperator.operator.api.PinnedModel;
import io.irisoperator.operator.state.StoredModel;
import java.io.ByteArrayOutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Stores models in immutable ConfigMaps of their IrisModel, named after the digest. The metadata is
 * read from the API server each time. The bytes are read, and compared with the digest, only if a
 * ConfigMap is not the one that was compared before. Thread-safe.
 */
public final class ModelStore {
  static final String DIGEST_LABEL = IrisModel.GROUP + "/digest";
  private static final String PART = IrisModel.GROUP + "/part";
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final JsonMapper JSON = new JsonMapper();

  private final KubernetesClient client;

  /** By the name of the first ConfigMap. */
  private final Map<String, Compared> compared = new ConcurrentHashMap<>();

  /** The result for ConfigMaps of these uids and versions. */
  private record Compared(List<String> identity, Optional<String> corruption) {}

  public ModelStore(KubernetesClient client) {
    this.client = client;
  }

  /** The metadata of one ConfigMap. */
  private record Part(String name, String identity, PinnedModel model, int index, int parts) {}

  /**
   * The models stored for an IrisModel, by digest, without those of which a part is missing.
   *
   * @throws KubernetesClientException if the API server does not answer, or with an error
   */
  public Map<String, StoredModel> list(IrisModel resource) {
    Map<String, Map<Integer, Part>> byDigest = new HashMap<>();
    for (JsonNode item : metadata(resource)) {
      part(item.path("metadata"))
          .filter(part -> isOwned(item, resource))
          .ifPresent(
              part ->
                  byDigest
                      .computeIfAbsent(part.model().digest(), digest -> new TreeMap<>())
                      .put(part.index(), part));
    }
    Map<String, StoredModel> stored = new HashMap<>();
    for (Map<Integer, Part> of : byDigest.values()) {
      List<Part> parts = List.copyOf(of.values());
      if (parts.size() == parts.getFirst().parts()) {
        StoredModel model = compared(resource, parts);
        stored.put(model.digest(), model);
      }
    }
    return stored;
  }

  /** Those of an earlier IrisModel of the same name are about to be garbage-collected. */
  private static boolean isOwned(JsonNode item, IrisModel resource) {
    for (JsonNode owner : item.path("metadata").path("ownerReferences")) {
      if (owner.path("uid").asText().equals(resource.getMetadata().getUid())) {
        return true;
      }
    }
    return false;
  }

  private StoredModel compared(IrisModel resource, List<Part> parts) {
    List<String> identity = parts.stream().map(Part::identity).toList();
    List<String> names = parts.stream().map(Part::name).toList();
    PinnedModel model = parts.getFirst().model();
    Compared last =
        compared.compute(
            key(resource, names),
            (key, before) ->
                before != null && before.identity().equals(identity)
                    ? before
                    : new Compared(identity, compare(resource, names, model.digest())));
    return new StoredModel(model, names, last.corruption());
  }

  private static String key(IrisModel resource, List<String> names) {
    return resource.getMetadata().getNamespace() + "/" + names.getFirst();
  }

  private Optional<String> compare(IrisModel resource, List<String> names, String digest) {
    ByteArrayOutputStream archive = new ByteArrayOutputStream();
    for (String name : names) {
      ConfigMap map =
          client
              .configMaps()
              .inNamespace(resource.getMetadata().getNamespace())
              .withName(name)
              .get();
      String bytes =
          Optional.ofNullable(map)
              .map(ConfigMap::getBinaryData)
              .map((Map<String, String> data) -> data.get(ArchiveParts.KEY))
              .orElse("");
      archive.writeBytes(Base64.getDecoder().decode(bytes));
    }
    try {
      String found = ModelArchive.read(archive.toByteArray()).digest();
      return found.equals(digest) ? Optional.empty() : Optional.of("the digest " + found);
    } catch (InvalidModelException e) {
      return Optional.of("an unreadable archive (" + e.getMessage() + ")");
    }
  }

  private static Optional<Part> part(JsonNode metadata) {
    JsonNode annotations = metadata.path("annotations");
    String[] part = annotations.path(PART).asText().split("/", 2);
    Optional<PinnedModel> model =
        ModelAnnotation.read(annotations.path(ModelAnnotation.NAME).asText());
    try {
      return model.map(
          m ->
              new Part(
                  metadata.path("name").asText(),
                  metadata.path("uid").asText() + "/" + metadata.path("resourceVersion").asText(),
                  m,
                  Integer.parseInt(part[0]),
                  Integer.parseInt(part[1])));
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      // The annotation was overwritten: the copy counts as missing, and is created again.
      return Optional.empty();
    }
  }

  /** Without the bytes, which are most of a ConfigMap. */
  private JsonNode metadata(IrisModel resource) {
    String selector = Labels.selector(resource.getMetadata().getName(), Component.STORED_MODEL);
    URI uri =
        URI.create(
            "%sapi/v1/namespaces/%s/configmaps?labelSelector=%s"
                .formatted(
                    client.getMasterUrl(),
                    resource.getMetadata().getNamespace(),
                    URLEncoder.encode(selector, StandardCharsets.UTF_8)));
    try {
      HttpResponse<String> answer =
          client
              .getHttpClient()
              .sendAsync(
                  client
                      .getHttpClient()
                      .newHttpRequestBuilder()
                      .uri(uri)
                      .header(
                          "Accept",
                          "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json")
                      .build(),
                  String.class)
              .get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      if (!answer.isSuccessful()) {
        throw new KubernetesClientException(
            "%s answered %d: %s".formatted(uri, answer.code(), answer.body()));
      }
      return JSON.readTree(answer.body()).path("items");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KubernetesClientException(uri + ": interrupted", e);
    } catch (ExecutionException | TimeoutException | JsonProcessingException e) {
      throw new KubernetesClientException(uri + ": " + e, e);
    }
  }

  /** Stores a model. */
  public void put(IrisModel resource, StoredModel stored, ModelArchive archive) {
    for (int part = 0; part < stored.configMaps().size(); part++) {
      ConfigMap map = configMap(resource, stored, archive, part);
      var existing =
          client
              .configMaps()
              .inNamespace(resource.getMetadata().getNamespace())
              .withName(stored.configMaps().get(part));
      try {
        client.resource(map).create();
      } catch (KubernetesClientException e) {
        if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
          throw e;
        }
        ConfigMap found = existing.get();
        if (found == null || !isSame(map, found)) {
          // Left over from an incomplete copy; it is immutable and cannot be repaired.
          existing.delete();
          client.resource(map).create();
        }
      }
    }
  }

  /** Except for labels and annotations that others have added. */
  private static boolean isSame(ConfigMap wanted, ConfigMap found) {
    ObjectMeta of = found.getMetadata();
    return wanted.getBinaryData().equals(found.getBinaryData())
        && wanted.getMetadata().getOwnerReferences().equals(of.getOwnerReferences())
        && containsAll(of.getLabels(), wanted.getMetadata().getLabels())
        && containsAll(of.getAnnotations(), wanted.getMetadata().getAnnotations());
  }

  private static boolean containsAll(Map<String, String> all, Map<String, String> these) {
    return all != null && all.entrySet().containsAll(these.entrySet());
  }

  /** Removes a model. */
  public void delete(IrisModel resource, StoredModel stored) {
    compared.remove(key(resource, stored.configMaps()));
    for (String name : stored.configMaps()) {
      client
          .configMaps()
          .inNamespace(resource.getMetadata().getNamespace())
          .withName(name)
          .delete();
    }
  }

  static ConfigMap configMap(
      IrisModel resource, StoredModel stored, ModelArchive archive, int part) {
    byte[] bytes = archive.part(part, StoredModel.PART_BYTES);
    String name = resource.getMetadata().getName();
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withName(stored.configMaps().get(part))
        .withNamespace(resource.getMetadata().getNamespace())
        .withLabels(Labels.of(name, Component.STORED_MODEL))
        .addToLabels(DIGEST_LABEL, StoredModel.shortDigest(stored.digest()))
        .addToAnnotations(ModelAnnotation.NAME, ModelAnnotation.write(stored.model()))
        .addToAnnotations(PART, part + "/" + stored.configMaps().size())
        .addNewOwnerReference()
        .withApiVersion(resource.getApiVersion())
        .withKind(resource.getKind())
        .withName(name)
        .withUid(resource.getMetadata().getUid())
        .withController(true)
        .withBlockOwnerDeletion(true)
        .endOwnerReference()
        .endMetadata()
        .withImmutable(true)
        .addToBinaryData(ArchiveParts.KEY, Base64.getEncoder().encodeToString(bytes))
        .build();
  }
}
