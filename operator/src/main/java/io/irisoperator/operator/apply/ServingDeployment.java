package io.irisoperator.operator.apply;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.api.Labels.Component;
import io.irisoperator.operator.observe.PinnedModel;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.CRUDKubernetesDependentResource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The pods that serve one pinned model. */
public final class ServingDeployment
    extends CRUDKubernetesDependentResource<Deployment, IrisModel> {
  static final String PORT = "http";
  private static final int CONTAINER_PORT = 8080;

  @Override
  protected Deployment desired(IrisModel resource, Context<IrisModel> context) {
    Applying applying = Applying.in(context);
    return desired(
        resource,
        applying.decision().spec(),
        applying.decision().serve().orElseThrow(),
        applying.defaults());
  }

  /** What has served is never taken away for want of a model: only with its IrisModel. */
  @Override
  public void delete(IrisModel resource, Context<IrisModel> context) {}

  static Deployment desired(
      IrisModel resource, IrisModelSpec spec, IrisModelStatus.Model model, Defaults defaults) {
    String name = resource.getMetadata().getName();
    Map<String, String> labels = Labels.of(name, Component.MODEL_SERVER);
    return new DeploymentBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(resource.getMetadata().getNamespace())
        .withLabels(labels)
        .addToAnnotations(PinnedModel.ANNOTATION, PinnedModel.write(model))
        .endMetadata()
        .withNewSpec()
        .withReplicas(spec.serving().replicas())
        .withRevisionHistoryLimit(3)
        .withProgressDeadlineSeconds(120)
        .withNewSelector()
        .withMatchLabels(Labels.identity(name, Component.MODEL_SERVER))
        .endSelector()
        .withNewStrategy()
        .withType("RollingUpdate")
        .withNewRollingUpdate()
        .withMaxUnavailable(new IntOrString(0))
        .withMaxSurge(new IntOrString(1))
        .endRollingUpdate()
        .endStrategy()
        .withNewTemplate()
        .withNewMetadata()
        .withLabels(labels)
        .endMetadata()
        .withSpec(
            Restricted.podOf(container(spec, model, defaults), defaults.imagePullSecrets())
                .withTerminationGracePeriodSeconds(30L)
                .build())
        .endTemplate()
        .endSpec()
        .build();
  }

  private static Container container(
      IrisModelSpec spec, IrisModelStatus.Model model, Defaults defaults) {
    return new ContainerBuilder()
        .withName("model-server")
        .withImage(Optional.ofNullable(spec.serving().image()).orElse(defaults.modelServer()))
        .withImagePullPolicy("IfNotPresent")
        .withEnv(env(model, defaults))
        .addNewPort()
        .withName(PORT)
        .withProtocol("TCP")
        .withContainerPort(CONTAINER_PORT)
        .endPort()
        .withStartupProbe(probe("/health/live", 1, 60))
        .withReadinessProbe(probe("/health/ready", 2, 2))
        .withLivenessProbe(probe("/health/live", 10, 3))
        .withResources(
            Optional.ofNullable(spec.serving().resources()).orElseGet(ServingDeployment::resources))
        .build();
  }

  /** From the pin alone: a spec that cannot be resolved must not touch the pods that serve. */
  private static List<EnvVar> env(IrisModelStatus.Model model, Defaults defaults) {
    List<EnvVar> env = new ArrayList<>();
    env.add(new EnvVar("IRIS_TRACKING_URI", model.trackingUri(), null));
    env.add(new EnvVar("IRIS_RUN_ID", model.runId(), null));
    env.add(new EnvVar("IRIS_ARTIFACT_PATH", model.artifactPath(), null));
    env.add(new EnvVar("IRIS_MODEL_DIGEST", model.digest(), null));
    Optional.ofNullable(model.version())
        .ifPresent(version -> env.add(new EnvVar("IRIS_MODEL_VERSION", version, null)));
    env.addAll(defaults.env(model.trackingUri()));
    return env;
  }

  private static Probe probe(String path, int periodSeconds, int failures) {
    return new ProbeBuilder()
        .withNewHttpGet()
        .withPath(path)
        .withNewPort(PORT)
        .endHttpGet()
        .withPeriodSeconds(periodSeconds)
        .withFailureThreshold(failures)
        .withTimeoutSeconds(2)
        .build();
  }

  private static ResourceRequirements resources() {
    return new ResourceRequirementsBuilder()
        .addToRequests("cpu", new Quantity("100m"))
        .addToRequests("memory", new Quantity("256Mi"))
        .addToLimits("memory", new Quantity("512Mi"))
        .build();
  }
}
