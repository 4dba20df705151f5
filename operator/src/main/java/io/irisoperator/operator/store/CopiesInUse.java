package io.irisoperator.operator.store;

import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.state.StoredModel;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which stored models the IrisModels need, as far as they were reconciled. Thread-safe. */
final class CopiesInUse {
  /** By the uid of the IrisModel. */
  private final Map<String, Use> uses = new ConcurrentHashMap<>();

  private record Use(ResourceID irisModel, Set<String> digests) {}

  /** From now on an IrisModel needs these copies, and no others. */
  void set(IrisModel resource, Set<String> digests) {
    uses.put(
        resource.getMetadata().getUid(),
        new Use(ResourceID.fromResource(resource), Set.copyOf(digests)));
  }

  /** From now on an IrisModel needs these copies, too. */
  void add(IrisModel resource, Set<String> digests) {
    uses.merge(
        resource.getMetadata().getUid(),
        new Use(ResourceID.fromResource(resource), Set.copyOf(digests)),
        (before, more) ->
            new Use(
                before.irisModel(),
                Stream.of(before, more)
                    .flatMap(use -> use.digests().stream())
                    .collect(Collectors.toUnmodifiableSet())));
  }

  /** The IrisModels that need a ConfigMap. */
  Set<ResourceID> users(ResourceID configMap) {
    return uses.values().stream()
        .filter(use -> use.irisModel().getNamespace().equals(configMap.getNamespace()))
        .filter(
            use ->
                use.digests().stream()
                    .anyMatch(digest -> StoredModel.isPart(configMap.getName(), digest)))
        .map(Use::irisModel)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Forgets all IrisModels but these. */
  void retain(Collection<IrisModel> existing) {
    uses.keySet()
        .retainAll(
            existing.stream()
                .map(resource -> resource.getMetadata().getUid())
                .collect(Collectors.toSet()));
  }

  /**
   * The digests that these IrisModels need; empty as long as one of them was not reconciled, as
   * nothing is known of it yet.
   */
  Optional<Set<String>> of(Collection<IrisModel> irisModels) {
    return irisModels.stream().allMatch(r -> uses.containsKey(r.getMetadata().getUid()))
        ? Optional.of(
            irisModels.stream()
                .flatMap(r -> uses.get(r.getMetadata().getUid()).digests().stream())
                .collect(Collectors.toUnmodifiableSet()))
        : Optional.empty();
  }
}
