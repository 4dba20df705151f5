package io.irisoperator.operator.runtime;

import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.decide.Decision.PendingEvent;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records Events of IrisModels. An Event that cannot be recorded is logged: it must not stop a
 * reconciliation.
 *
 * @see <a
 *     href="https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/">Event</a>
 */
public final class EventRecorder {
  private static final Logger LOG = LoggerFactory.getLogger(EventRecorder.class);
  private static final int MAX_NOTE = 1000;

  /** Kubernetes requires six fractional digits. */
  private static final DateTimeFormatter MICRO_TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private final KubernetesClient client;
  private final String instance;
  private final Clock clock;
  private final OperatorMetrics metrics;

  /**
   * A recorder.
   *
   * @param instance the name of the operator's pod
   */
  public EventRecorder(
      KubernetesClient client, String instance, Clock clock, OperatorMetrics metrics) {
    this.client = client;
    this.instance = instance;
    this.clock = clock;
    this.metrics = metrics;
  }

  /**
   * Records an Event. Its name follows from the status before and the message, so that a change
   * that is seen twice, by a cache that lags or by two operators, is recorded once.
   *
   * @param resource as it was before the change
   */
  public void record(IrisModel resource, PendingEvent pending) {
    String namespace = resource.getMetadata().getNamespace();
    try {
      client
          .events()
          .v1()
          .events()
          .inNamespace(namespace)
          .resource(event(resource, pending))
          .create();
      metrics.eventRecorded(resource, pending);
      LOG.info("{}: {}", pending.reason(), pending.message());
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
        return;
      }
      LOG.warn(
          "{}: {} (its Event could not be recorded: {})",
          pending.reason(),
          pending.message(),
          e.getMessage());
    }
  }

  private Event event(IrisModel resource, PendingEvent pending) {
    String message = pending.message();
    return new EventBuilder()
        .withNewMetadata()
        .withName(resource.getMetadata().getName() + "." + identity(resource, pending))
        .withNamespace(resource.getMetadata().getNamespace())
        .endMetadata()
        .withNewEventTime(MICRO_TIME.format(clock.instant()))
        .withType(pending.warning() ? "Warning" : "Normal")
        .withReason(pending.reason().toString())
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

  private static String identity(IrisModel resource, PendingEvent pending) {
    String identity =
        String.join(
            "\n",
            resource.getMetadata().getUid(),
            String.valueOf(resource.getStatus()),
            pending.reason().toString(),
            pending.message());
    return UUID.nameUUIDFromBytes(identity.getBytes(StandardCharsets.UTF_8)).toString();
  }
}
