package io.irisoperator.operator.apply.serving;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraintBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.VolumeProjectionBuilder;
import io.irisoperator.contract.ArchiveParts;
import io.irisoperator.contract.ModelServerEnv;
import io.irisoperator.contract.ModelServerPod;
import io.irisoperator.contract.ModelServerPorts;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.api.Labels.Component;
import io.irisoperator.operator.api.PinnedModel;
import io.irisoperator.operator.api.ServingSpec;
import io.irisoperator.operator.apply.MlflowMounts;
import io.irisoperator.operator.apply.PodTemplateMerge;
import io.irisoperator.operator.apply.RestrictedPodSecurity;
import io.irisoperator.operator.apply.WorkloadDefaults;
import io.irisoperator.operator.rollout.Revision;
import io.irisoperator.operator.state.StoredModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** A pod that serves one pinned model. */
public final class ServingPodTemplate {
  private static final String TOKENS = "tokens";
  private static final String TLS = "tls";

  private static final String MODEL = "model";
  private static final String MODEL_FOLDER = "/model";

  private ServingPodTemplate() {}

  /**
   * The template of a new revision.
   *
   * @param copy the stored copy of its model, if there is one
   */
  public static PodTemplateSpec of(
      String name,
      IrisModelSpec spec,
      Revision revision,
      Optional<StoredModel> copy,
      WorkloadDefaults defaults) {
    ServingSpec serving = spec.serving();
    MlflowMounts mlflow = MlflowMounts.of(revision.model().trackingUri(), spec.mlflow(), defaults);
    PodTemplateSpecBuilder template =
        new PodTemplateSpecBuilder()
            .withNewMetadata()
            .withLabels(Labels.of(name, Component.MODEL_SERVER))
            .addToAnnotations(ModelServerPod.REVISION, revision.id())
            .endMetadata()
            .withSpec(
                RestrictedPodSecurity.pod(
                        container(name, serving, revision.model(), copy, mlflow, defaults),
                        defaults.imagePullSecrets())
                    .addAllToVolumes(copy.map(ServingPodTemplate::volume).stream().toList())
                    .addAllToVolumes(mlflow.volumes())
                    .addAllToVolumes(secrets(serving))
                    .withTopologySpreadConstraints(
                        spread(name, "kubernetes.io/hostname"),
                        spread(name, "topology.kubernetes.io/zone"))
                    .withTerminationGracePeriodSeconds(30L)
                    .build());
    return PodTemplateMerge.merge(template.build(), serving.podTemplate());
  }

  /** Over several nodes and zones if there are any. */
  private static TopologySpreadConstraint spread(String name, String over) {
    return new TopologySpreadConstraintBuilder()
        .withMaxSkew(1)
        .withTopologyKey(over)
        .withWhenUnsatisfiable("ScheduleAnyway")
        .withNewLabelSelector()
        .withMatchLabels(Labels.identity(name, Component.MODEL_SERVER))
        .endLabelSelector()
        .build();
  }

  private static Container container(
      String name,
      ServingSpec serving,
      PinnedModel model,
      Optional<StoredModel> copy,
      MlflowMounts mlflow,
      WorkloadDefaults defaults) {
    String probed = serving.isRestricted() ? ModelServerPorts.MANAGEMENT : ModelServerPorts.HTTP;
    ContainerBuilder container =
        new ContainerBuilder()
            .withName(ModelServerPod.CONTAINER)
            .withImage(Optional.ofNullable(serving.image()).orElse(defaults.modelServer()))
            .withImagePullPolicy("IfNotPresent")
            .withEnv(env(name, model, copy, mlflow, defaults))
            .addAllToVolumeMounts(mlflow.mounts())
            .addNewPort()
            .withName(serving.tls() == null ? ModelServerPorts.HTTP : ModelServerPorts.HTTPS)
            .withProtocol("TCP")
            .withContainerPort(ModelServerPorts.PORT)
            .endPort()
            // Startup: the process runs. Readiness: it has its model.
            .withStartupProbe(probe(probed, "/health/live", 1, 60))
            .withReadinessProbe(probe(probed, "/health/ready", 2, 2))
            .withLivenessProbe(probe(probed, "/health/live", 10, 3))
            .withTerminationMessagePolicy("FallbackToLogsOnError")
            .withResources(
                Optional.ofNullable(serving.resources()).orElseGet(ServingPodTemplate::resources));
    if (copy.isPresent()) {
      container
          .addNewVolumeMount()
          .withName(MODEL)
          .withMountPath(MODEL_FOLDER)
          .withReadOnly(true)
          .endVolumeMount();
    }
    if (serving.isRestricted()) {
      container
          .addNewPort()
          .withName(ModelServerPorts.MANAGEMENT)
          .withProtocol("TCP")
          .withContainerPort(ModelServerPorts.MANAGEMENT_PORT)
          .endPort()
          .addNewEnv()
          .withName(ModelServerEnv.MANAGEMENT_PORT)
          .withValue(Integer.toString(ModelServerPorts.MANAGEMENT_PORT))
          .endEnv();
    }
    for (Volume secret : secrets(serving)) {
      String folder = "/" + secret.getName();
      container
          .addNewEnv()
          .withName(secret.getName().equals(TOKENS) ? ModelServerEnv.TOKENS : ModelServerEnv.TLS)
          .withValue(folder)
          .endEnv()
          .addNewVolumeMount()
          .withName(secret.getName())
          .withMountPath(folder)
          .withReadOnly(true)
          .endVolumeMount();
    }
    return container.build();
  }

  private static List<Volume> secrets(ServingSpec serving) {
    List<Volume> secrets = new ArrayList<>();
    if (serving.auth() != null) {
      secrets.add(secret(TOKENS, serving.auth().tokensSecretName()));
    }
    if (serving.tls() != null) {
      secrets.add(secret(TLS, serving.tls().secretName()));
    }
    return secrets;
  }

  private static Volume secret(String volume, String secret) {
    return new VolumeBuilder()
        .withName(volume)
        .withNewSecret()
        .withSecretName(secret)
        .endSecret()
        .build();
  }

  /** From the pinned model alone: a spec that cannot be resolved must not change pods. */
  private static List<EnvVar> env(
      String name,
      PinnedModel model,
      Optional<StoredModel> copy,
      MlflowMounts mlflow,
      WorkloadDefaults defaults) {
    List<EnvVar> env = new ArrayList<>();
    env.add(new EnvVar(ModelServerEnv.MODEL_NAME, name, null));
    env.add(new EnvVar(ModelServerEnv.TRACKING_URI, model.trackingUri(), null));
    env.add(new EnvVar(ModelServerEnv.RUN_ID, model.runId(), null));
    env.add(new EnvVar(ModelServerEnv.ARTIFACT_URI, model.artifactUri(), null));
    env.add(new EnvVar(ModelServerEnv.MODEL_DIGEST, model.digest(), null));
    Optional.ofNullable(model.version())
        .ifPresent(version -> env.add(new EnvVar(ModelServerEnv.MODEL_VERSION, version, null)));
    copy.ifPresent(
        stored -> {
          env.add(new EnvVar(ModelServerEnv.MODEL_COPY, MODEL_FOLDER, null));
          int parts = stored.configMaps().size();
          env.add(new EnvVar(ModelServerEnv.MODEL_COPY_PARTS, Integer.toString(parts), null));
        });
    env.addAll(mlflow.env());
    env.addAll(defaults.env());
    return env;
  }

  /** Optional: a pod whose copy was deleted still starts, and downloads from MLflow. */
  private static Volume volume(StoredModel copy) {
    List<VolumeProjection> parts =
        IntStream.range(0, copy.configMaps().size())
            .mapToObj(
                part ->
                    new VolumeProjectionBuilder()
                        .withNewConfigMap()
                        .withName(copy.configMaps().get(part))
                        .addNewItem(ArchiveParts.KEY, null, ArchiveParts.fileName(part))
                        .withOptional(true)
                        .endConfigMap()
                        .build())
            .toList();
    return new VolumeBuilder()
        .withName(MODEL)
        .withNewProjected()
        .withSources(parts)
        .endProjected()
        .build();
  }

  private static Probe probe(String port, String path, int periodSeconds, int failures) {
    return new ProbeBuilder()
        .withNewHttpGet()
        .withPath(path)
        .withNewPort(port)
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
