package io.irisoperator.operator.apply.serving;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRuleBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPortBuilder;
import io.irisoperator.config.Proxies;
import io.irisoperator.contract.ModelServerPorts;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.api.Labels.Component;
import io.irisoperator.operator.api.NetworkPolicySpec;
import io.irisoperator.operator.apply.ReconcileContext;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.CRUDKubernetesDependentResource;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Which namespaces may connect to the pods, and where the pods may connect to. */
public final class ServingNetworkPolicy
    extends CRUDKubernetesDependentResource<NetworkPolicy, IrisModel> {
  private static final String NAMESPACE = "kubernetes.io/metadata.name";

  /** Policies apply to the ports of pods: those of OpenShift's DNS listen on 5353. */
  private static final List<Integer> DNS = List.of(53, 5353);

  @Override
  protected NetworkPolicy desired(IrisModel resource, Context<IrisModel> context) {
    ReconcileContext reconcile = ReconcileContext.from(context);
    return desired(
        resource,
        reconcile.decision().spec().serving().networkPolicy(),
        reconcile.trackingUri(),
        reconcile.defaults().proxies().proxy(reconcile.trackingUri()));
  }

  /** Known without the spec, which has no policy when this one is deleted. */
  @Override
  protected ResourceID targetSecondaryResourceID(IrisModel resource, Context<IrisModel> context) {
    return ResourceID.fromResource(resource);
  }

  /**
   * The manifest.
   *
   * @param proxy that leads to MLflow; pods that are older than it connect directly
   */
  public static NetworkPolicy desired(
      IrisModel resource, NetworkPolicySpec policy, URI trackingUri, Optional<URI> proxy) {
    String name = resource.getMetadata().getName();
    TreeSet<String> namespaces = new TreeSet<>(policy.allowedNamespaces());
    namespaces.add(resource.getMetadata().getNamespace());
    return new NetworkPolicyBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(resource.getMetadata().getNamespace())
        .withLabels(Labels.of(name, Component.MODEL_SERVER))
        .endMetadata()
        .withNewSpec()
        .withNewPodSelector()
        .withMatchLabels(Labels.identity(name, Component.MODEL_SERVER))
        .endPodSelector()
        .withPolicyTypes("Ingress", "Egress")
        .addNewIngress()
        .addNewFrom()
        .withNewNamespaceSelector()
        .addNewMatchExpression()
        .withKey(NAMESPACE)
        .withOperator("In")
        .withValues(List.copyOf(namespaces))
        .endMatchExpression()
        .endNamespaceSelector()
        .endFrom()
        .addNewPort()
        .withProtocol("TCP")
        .withPort(new IntOrString(ModelServerPorts.PORT))
        .endPort()
        .endIngress()
        // For probes, Prometheus and the operator; it answers no predictions.
        .addNewIngress()
        .addNewPort()
        .withProtocol("TCP")
        .withPort(new IntOrString(ModelServerPorts.MANAGEMENT_PORT))
        .endPort()
        .endIngress()
        .addNewEgress()
        .addAllToPorts(dns())
        .endEgress()
        .addAllToEgress(mlflow(trackingUri, resource.getMetadata().getNamespace()))
        .addAllToEgress(proxy.map(ServingNetworkPolicy::portOf).stream().toList())
        .endSpec()
        .build();
  }

  private static List<NetworkPolicyPort> dns() {
    return DNS.stream()
        .flatMap(
            port ->
                Stream.of("UDP", "TCP")
                    .map(
                        protocol ->
                            new NetworkPolicyPortBuilder()
                                .withProtocol(protocol)
                                .withPort(new IntOrString(port))
                                .build()))
        .toList();
  }

  /**
   * The namespace of a Service, on any port of its pods, or the port of an external address. A host
   * name with two labels can be either.
   */
  private static List<NetworkPolicyEgressRule> mlflow(URI trackingUri, String namespace) {
    String[] host = trackingUri.getHost().split("\\.", -1);
    List<NetworkPolicyEgressRule> rules = new ArrayList<>();
    boolean service = host.length <= 2 || host[2].equals("svc");
    if (service) {
      rules.add(
          new NetworkPolicyEgressRuleBuilder()
              .addNewTo()
              .withNewNamespaceSelector()
              .addToMatchLabels(NAMESPACE, host.length == 1 ? namespace : host[1])
              .endNamespaceSelector()
              .endTo()
              .build());
    }
    if (!service || host.length == 2) {
      rules.add(portOf(trackingUri));
    }
    return rules;
  }

  private static NetworkPolicyEgressRule portOf(URI server) {
    return new NetworkPolicyEgressRuleBuilder()
        .addNewPort()
        .withProtocol("TCP")
        .withPort(new IntOrString(Proxies.port(server)))
        .endPort()
        .build();
  }
}
