package io.irisoperator.operator.observe;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.api.Labels.Component;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/** The model servers' pods, by an informer. Thread-safe. */
public final class WatchedPods {
  private static final String INDEX = "irismodel";

  private final KubernetesClient client;
  private final AtomicReference<Optional<InformerEventSource<Pod, IrisModel>>> watched =
      new AtomicReference<>(Optional.empty());

  /**
   * Watches nothing yet.
   *
   * @param client of the informer
   */
  public WatchedPods(KubernetesClient client) {
    this.client = client;
  }

  /** Watches the pods. Their changes cause no reconciliation: those of the Deployment do. */
  public InformerEventSource<Pod, IrisModel> watch(EventSourceContext<IrisModel> context) {
    InformerEventSource<Pod, IrisModel> pods =
        new InformerEventSource<>(
            InformerEventSourceConfiguration.from(Pod.class, IrisModel.class)
                .withName("pods")
                .withKubernetesClient(client)
                .withLabelSelector(Labels.selector(Component.MODEL_SERVER))
                .withSecondaryToPrimaryMapper(_ -> Set.of())
                .withGenericFilter(_ -> false)
                .build(),
            context);
    pods.addIndexers(Map.of(INDEX, pod -> List.of(irisModel(pod).toString())));
    watched.set(Optional.of(pods));
    return pods;
  }

  private static ResourceID irisModel(Pod pod) {
    return new ResourceID(
        pod.getMetadata().getLabels().getOrDefault(Labels.INSTANCE, ""),
        pod.getMetadata().getNamespace());
  }

  /** The pods of an IrisModel, of all its revisions. */
  List<Pod> of(IrisModel resource) {
    return watched
        .get()
        .map(pods -> pods.byIndex(INDEX, ResourceID.fromResource(resource).toString()))
        .orElse(List.of());
  }
}
