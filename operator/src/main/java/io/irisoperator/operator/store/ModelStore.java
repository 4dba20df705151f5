package io.irisoperator.operator.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.irisoperator.contract.ArchiveParts;
import io.irisoperator.model.InvalidModelException;
import io.irisoperator.model.ModelArchive;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.api.Labels.Component;
import io.irisoperator.operator.state.StoredModel;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.io.ByteArrayOutputStream;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores models in immutable ConfigMaps, named after the digest: one copy for each namespace,
 * shared by its IrisModels. They have no owner, as an owner's reference for each IrisModel would
 * make the ConfigMap grow with their number; {@link #deleteUnused} deletes them. An informer keeps
 * their metadata. The bytes are read, and compared with the digest, only if a ConfigMap is not the
 * one that was compared before. Thread-safe.
 */
public final class ModelStore {
  private static final Logger LOG = LoggerFactory.getLogger(ModelStore.class);
  private static final String DIGEST = IrisModel.GROUP + "/digest";
  private static final String PART = IrisModel.GROUP + "/part";

  /** Longer than another operator takes from a copy to the status that names its model. */
  private static final Duration SHARED_AGE = Duration.ofMinutes(2);

  /** What other operators need is not asked for at each call. */
  private static final Duration SHARED_INTERVAL = Duration.ofMinutes(5);

  /** Longer than the informer takes to see a deletion. */
  private static final Duration DELETED_TTL = Duration.ofMinutes(10);

  private final KubernetesClient client;
  private final KubernetesClient informerClient;
  private final boolean shared;
  private final Clock clock;
  private final Object puts = new Object();
  private final CopiesInUse inUse = new CopiesInUse();
  private final AtomicReference<Optional<Watched>> watched =
      new AtomicReference<>(Optional.empty());

  /** The uids of ConfigMaps that were deleted here; the informer may still have them. */
  private final Cache<String, Boolean> deleted =
      Caffeine.newBuilder().expireAfterWrite(DELETED_TTL).build();

  /** The uids of ConfigMaps that IrisModels of other operators needed lately. */
  private final Cache<String, Boolean> neededByOthers =
      Caffeine.newBuilder().expireAfterWrite(SHARED_INTERVAL).build();

  /** By the first ConfigMap. */
  private final Map<ResourceID, Compared> compared = new ConcurrentHashMap<>();

  /** What the SDK's informers know, as long as this operator leads. */
  private record Watched(
      InformerEventSource<ConfigMap, IrisModel> copies, Iterable<IrisModel> irisModels) {}

  /** The result for ConfigMaps of these uids and versions. */
  private record Compared(List<String> identity, Optional<String> corruption) {}

  /**
   * A store.
   *
   * @param informerClient of the informer
   * @param shared whether other operators may watch other IrisModels of the same namespaces
   */
  public ModelStore(
      KubernetesClient client, KubernetesClient informerClient, boolean shared, Clock clock) {
    this.client = client;
    this.informerClient = informerClient;
    this.shared = shared;
    this.clock = clock;
  }

  /**
   * Watches the copies. A copy that others change or delete concerns the IrisModels that need it.
   */
  public InformerEventSource<ConfigMap, IrisModel> watch(EventSourceContext<IrisModel> context) {
    InformerEventSource<ConfigMap, IrisModel> copies =
        new InformerEventSource<>(
            InformerEventSourceConfiguration.from(ConfigMap.class, IrisModel.class)
                .withName("stored-models")
                .withKubernetesClient(informerClient)
                .withLabelSelector(Labels.selector(Component.STORED_MODEL))
                .withSecondaryToPrimaryMapper(copy -> inUse.users(ResourceID.fromResource(copy)))
                .withOnAddFilter(_ -> false)
                .build(),
            context);
    watched.set(
        Optional.of(new Watched(copies, () -> context.getPrimaryCache().list().iterator())));
    return copies;
  }

  /** The copy of a model in a namespace, if all its parts exist. */
  public Optional<StoredModel> find(String namespace, String digest) {
    List<ObjectMeta> parts = new ArrayList<>();
    int count = 1;
    while (parts.size() < count) {
      Optional<ObjectMeta> part =
          part(new ResourceID(StoredModel.configMap(digest, parts.size()), namespace), digest);
      if (part.isEmpty()) {
        return Optional.empty();
      }
      parts.add(part.get());
      count = count(part.get());
    }
    return Optional.of(compared(namespace, digest, parts));
  }

  private Optional<ObjectMeta> part(ResourceID name, String digest) {
    return watched
        .get()
        .flatMap(w -> w.copies().get(name))
        .map(ConfigMap::getMetadata)
        .filter(part -> deleted.getIfPresent(part.getUid()) == null)
        // If an annotation was overwritten, the copy counts as missing, and is created again.
        .filter(part -> digest.equals(part.getAnnotations().get(DIGEST)) && count(part) > 0);
  }

  /** The number of parts; 0 if the annotation was overwritten. */
  private static int count(ObjectMeta part) {
    String[] value = part.getAnnotations().getOrDefault(PART, "").split("/", 2);
    try {
      return value.length == 2 ? Integer.parseInt(value[1]) : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private StoredModel compared(String namespace, String digest, List<ObjectMeta> parts) {
    List<String> identity =
        parts.stream().map(p -> p.getUid() + "/" + p.getResourceVersion()).toList();
    List<String> names = parts.stream().map(ObjectMeta::getName).toList();
    Compared last =
        compared.compute(
            new ResourceID(names.getFirst(), namespace),
            (_, before) ->
                before != null && before.identity().equals(identity)
                    ? before
                    : new Compared(identity, compare(namespace, names, digest)));
    return new StoredModel(digest, names, last.corruption());
  }

  private Optional<String> compare(String namespace, List<String> names, String digest) {
    ByteArrayOutputStream archive = new ByteArrayOutputStream();
    for (String name : names) {
      ConfigMap map = client.configMaps().inNamespace(namespace).withName(name).get();
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

  /** Stores a model, unless another IrisModel has just done so. */
  public void put(String namespace, StoredModel stored, ModelArchive archive) {
    synchronized (puts) {
      if (find(namespace, stored.digest()).isEmpty()) {
        create(namespace, stored, archive);
      }
    }
  }

  private void create(String namespace, StoredModel stored, ModelArchive archive) {
    for (int part = 0; part < stored.configMaps().size(); part++) {
      ConfigMap created = create(configMap(namespace, stored, archive, part));
      created.setBinaryData(null);
      watched
          .get()
          .ifPresent(
              w ->
                  w.copies().handleRecentResourceCreate(ResourceID.fromResource(created), created));
    }
  }

  private ConfigMap create(ConfigMap map) {
    try {
      return client.resource(map).create();
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
    }
    var existing =
        client
            .configMaps()
            .inNamespace(map.getMetadata().getNamespace())
            .withName(map.getMetadata().getName());
    ConfigMap found = existing.get();
    if (found != null && isSame(map, found)) {
      return found;
    }
    // Left over from an incomplete copy, or without its labels; it is immutable.
    existing.delete();
    return client.resource(map).create();
  }

  /** Except for labels and annotations that others have added. */
  private static boolean isSame(ConfigMap wanted, ConfigMap found) {
    ObjectMeta of = found.getMetadata();
    return wanted.getBinaryData().equals(found.getBinaryData())
        && containsAll(of.getLabels(), wanted.getMetadata().getLabels())
        && containsAll(of.getAnnotations(), wanted.getMetadata().getAnnotations());
  }

  private static boolean containsAll(Map<String, String> all, Map<String, String> these) {
    return all != null && all.entrySet().containsAll(these.entrySet());
  }

  /** From now on an IrisModel needs the copies of these models, too. */
  public synchronized void addInUse(IrisModel resource, Set<String> digests) {
    inUse.add(resource, digests);
  }

  /** From now on an IrisModel needs the copies of these models, and no others. */
  public synchronized void setInUse(IrisModel resource, Set<String> digests) {
    inUse.set(resource, digests);
  }

  /**
   * Deletes the copies that no IrisModel of their namespace needs. Where an IrisModel was not
   * reconciled yet, nothing is deleted. To be called only while all informers watch.
   */
  public synchronized void deleteUnused() {
    if (watched.get().isEmpty()) {
      return;
    }
    List<IrisModel> irisModels = new ArrayList<>();
    watched.get().get().irisModels().forEach(irisModels::add);
    inUse.retain(irisModels);
    Map<String, List<IrisModel>> byNamespace =
        irisModels.stream().collect(Collectors.groupingBy(r -> r.getMetadata().getNamespace()));
    copies()
        .collect(Collectors.groupingBy(ObjectMeta::getNamespace))
        .forEach(
            (namespace, copies) -> {
              List<IrisModel> ours = byNamespace.getOrDefault(namespace, List.of());
              inUse
                  .of(ours)
                  .map(needed -> copies.stream().filter(copy -> !needed.contains(digest(copy))))
                  .map(unused -> neededByNoOther(unused.toList(), namespace, ours))
                  .ifPresent(unused -> unused.forEach(this::delete));
            });
  }

  /**
   * The copies that no IrisModel of another operator needs: the status of one names the models that
   * it selects, serves and has served.
   */
  private List<ObjectMeta> neededByNoOther(
      List<ObjectMeta> unused, String namespace, List<IrisModel> ours) {
    if (!shared) {
      return unused;
    }
    String newest = clock.instant().minus(SHARED_AGE).toString();
    List<ObjectMeta> old =
        unused.stream()
            .filter(copy -> copy.getCreationTimestamp().compareTo(newest) < 0)
            .filter(copy -> neededByOthers.getIfPresent(copy.getUid()) == null)
            .toList();
    if (old.isEmpty()) {
      return old;
    }
    Set<String> names =
        ours.stream().map(r -> r.getMetadata().getName()).collect(Collectors.toSet());
    List<String> others =
        client.resources(IrisModel.class).inNamespace(namespace).list().getItems().stream()
            .filter(other -> !names.contains(other.getMetadata().getName()))
            .map(other -> client.getKubernetesSerialization().asJson(other.getStatus()))
            .toList();
    Map<Boolean, List<ObjectMeta>> byNeed =
        old.stream()
            .collect(
                Collectors.partitioningBy(
                    copy -> others.stream().anyMatch(status -> status.contains(digest(copy)))));
    byNeed.get(true).forEach(copy -> neededByOthers.put(copy.getUid(), true));
    return byNeed.get(false);
  }

  private static String digest(ObjectMeta copy) {
    return copy.getAnnotations().getOrDefault(DIGEST, "");
  }

  private Stream<ObjectMeta> copies() {
    return watched.get().stream()
        .flatMap(w -> w.copies().list(_ -> true))
        .map(ConfigMap::getMetadata)
        .filter(copy -> deleted.getIfPresent(copy.getUid()) == null);
  }

  private void delete(ObjectMeta copy) {
    deleted.put(copy.getUid(), true);
    compared.remove(new ResourceID(copy.getName(), copy.getNamespace()));
    try {
      client.configMaps().inNamespace(copy.getNamespace()).withName(copy.getName()).delete();
    } catch (KubernetesClientException e) {
      deleted.invalidate(copy.getUid());
      LOG.warn("stored model {}/{}: {}", copy.getNamespace(), copy.getName(), e.getMessage());
    }
  }

  private static ConfigMap configMap(
      String namespace, StoredModel stored, ModelArchive archive, int part) {
    byte[] bytes = archive.part(part, StoredModel.PART_BYTES);
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withName(stored.configMaps().get(part))
        .withNamespace(namespace)
        .withLabels(Labels.shared(Component.STORED_MODEL))
        .addToAnnotations(DIGEST, stored.digest())
        .addToAnnotations(PART, part + "/" + stored.configMaps().size())
        .endMetadata()
        .withImmutable(true)
        .addToBinaryData(ArchiveParts.KEY, Base64.getEncoder().encodeToString(bytes))
        .build();
  }
}
