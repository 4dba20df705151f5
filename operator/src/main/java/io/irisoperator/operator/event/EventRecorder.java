package io.irisoperator.operator.event;

import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.decide.Decision.Note;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes Events about IrisModels. An Event that cannot be written is logged: telling must not stop
 * doing.
 *
 * @see <a
 *     href="https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/">Event</a>
 */
public final class EventRecorder {
  private static final Logger LOG = LoggerFactory.getLogger(EventRecorder.class);
  private static final int MAX_NOTE = 1000;

  /** Kubernetes wants six digits behind the second. */
  private static final DateTimeFormatter MICRO_TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private final KubernetesClient client;
  private final String instance;
  private final Clock clock;

  /**
   * A recorder.
   *
   * @param instance who writes: the pod's name
   */
  public EventRecorder(KubernetesClient client, String instance, Clock clock) {
    this.client = client;
    this.instance = instance;
    this.clock = clock;
  }

  /** Writes an Event that the resource is in the middle of. */
  public void record(IrisModel resource, Note note) {
    String namespace = resource.getMetadata().getNamespace();
    try {
      client.events().v1().events().inNamespace(namespace).resource(event(resource, note)).create();
    } catch (KubernetesClientException e) {
      LOG.warn(
          "{}/{}: Event {} is not written: {}",
          namespace,
          resource.getMetadata().getName(),
          note.reason(),
          e.getMessage());
    }
  }

  private Event event(IrisModel resource, Note note) {
    String message = note.message();
    return new EventBuilder()
        .withNewMetadata()
        .withGenerateName(resource.getMetadata().getName() + ".")
        .withNamespace(resource.getMetadata().getNamespace())
        .endMetadata()
        .withNewEventTime(MICRO_TIME.format(clock.instant()))
        .withType(note.warning() ? "Warning" : "Normal")
        .withReason(note.reason().toString())
        .withAction("Reconcile")
        .withNote(message.substring(0, Math.min(message.length(), MAX_NOTE)))
        .withReportingController(IrisModel.GROUP + "/" + Labels.MANAGER)
        .withReportingInstance(instance)
        .withRegarding(
            new ObjectReferenceBuilder()
                .withApiVersion(resource.getApiVersion())
                .withKind(resource.getKind())
                .withNamespace(resource.getMetadata().getNamespace())
                .withName(resource.getMetadata().getName())
                .withUid(resource.getMetadata().getUid())
                .build())
        .build();
  }
}
