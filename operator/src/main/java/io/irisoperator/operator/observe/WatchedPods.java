package io.irisoperator.operator.observe;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.api.Labels.Component;
import io.irisoperator.operator.informer.WatchPermission;
import io.javaoperatorsdk.operator.api.config.informer.InformerConfiguration;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The model servers' pods: by an informer, or by a request if the operator may not watch pods.
 * Thread-safe.
 */
public final class WatchedPods {
  private static final Logger LOG = LoggerFactory.getLogger(WatchedPods.class);
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
  public Optional<InformerEventSource<Pod, IrisModel>> watch(
      EventSourceContext<IrisModel> context) {
    Set<String> namespaces = context.getControllerConfiguration().getEffectiveNamespaces();
    Stream<String> asked =
        InformerConfiguration.allNamespacesWatched(namespaces)
            ? Stream.of("")
            : namespaces.stream();
    boolean permitted =
        asked.allMatch(namespace -> WatchPermission.isGranted(client, "", "pods", namespace));
    watched.set(permitted ? Optional.of(informer(context)) : Optional.empty());
    if (!permitted) {
      LOG.warn(
          "the operator may not watch pods, and lists them instead: upgrade the chart to permit it");
    }
    return watched.get();
  }

  private InformerEventSource<Pod, IrisModel> informer(EventSourceContext<IrisModel> context) {
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
        .orElseGet(() -> list(resource));
  }

  private List<Pod> list(IrisModel resource) {
    return client
        .pods()
        .inNamespace(resource.getMetadata().getNamespace())
        .withLabels(Labels.identity(resource.getMetadata().getName(), Component.MODEL_SERVER))
        .list()
        .getItems();
  }
}
