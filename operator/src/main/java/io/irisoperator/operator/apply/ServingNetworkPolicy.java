package io.irisoperator.operator.apply;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRuleBuilder;
import io.irisoperator.contract.ModelServerPorts;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.api.Labels.Component;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.CRUDKubernetesDependentResource;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** Who may connect to the pods, and where they may connect to. */
public final class ServingNetworkPolicy
    extends CRUDKubernetesDependentResource<NetworkPolicy, IrisModel> {
  private static final String NAMESPACE = "kubernetes.io/metadata.name";
  private static final int DNS = 53;

  @Override
  protected NetworkPolicy desired(IrisModel resource, Context<IrisModel> context) {
    Applying applying = Applying.in(context);
    return desired(
        resource, applying.decision().spec().serving().networkPolicy(), applying.trackingUri());
  }

  /** Known without the spec, which asks for none when it is to go. */
  @Override
  protected ResourceID targetSecondaryResourceID(IrisModel resource, Context<IrisModel> context) {
    return ResourceID.fromResource(resource);
  }

  static NetworkPolicy desired(
      IrisModel resource, IrisModelSpec.NetworkPolicy policy, URI trackingUri) {
    String name = resource.getMetadata().getName();
    TreeSet<String> namespaces =
        new TreeSet<>(Optional.ofNullable(policy.fromNamespaces()).orElseGet(List::of));
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
        // Probes, Prometheus and the operator: there are no predictions there.
        .addNewIngress()
        .addNewPort()
        .withProtocol("TCP")
        .withPort(new IntOrString(ModelServerPorts.MANAGEMENT_PORT))
        .endPort()
        .endIngress()
        .addNewEgress()
        .addNewPort()
        .withProtocol("UDP")
        .withPort(new IntOrString(DNS))
        .endPort()
        .addNewPort()
        .withProtocol("TCP")
        .withPort(new IntOrString(DNS))
        .endPort()
        .endEgress()
        .addAllToEgress(mlflow(trackingUri, resource.getMetadata().getNamespace()))
        .endSpec()
        .build();
  }

  /**
   * A Service's namespace, whatever port its pods have, and the address's port: which of the two a
   * name with two labels is of cannot be told.
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
      int usual = trackingUri.getScheme().equals("https") ? 443 : 80;
      rules.add(
          new NetworkPolicyEgressRuleBuilder()
              .addNewPort()
              .withProtocol("TCP")
              .withPort(new IntOrString(trackingUri.getPort() < 0 ? usual : trackingUri.getPort()))
              .endPort()
              .build());
    }
    return rules;
  }
}
