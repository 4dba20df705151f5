package io.irisoperator.operator.apply.training;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.irisoperator.contract.TrainerEnv;
import io.irisoperator.contract.TrainerExitCode;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.api.Labels.Component;
import io.irisoperator.operator.api.RegistrationSpec;
import io.irisoperator.operator.api.TrainingData;
import io.irisoperator.operator.api.TrainingParameters;
import io.irisoperator.operator.apply.MlflowMounts;
import io.irisoperator.operator.apply.ReconcileContext;
import io.irisoperator.operator.apply.RestrictedPodSecurity;
import io.irisoperator.operator.apply.WorkloadDefaults;
import io.irisoperator.operator.decide.Decision.Train;
import io.irisoperator.operator.state.TrainingRequest;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.dependent.GarbageCollected;
import io.javaoperatorsdk.operator.processing.dependent.Creator;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.KubernetesDependentResource;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A training Job: created once for each request, never updated, deleted with its IrisModel. */
public final class TrainerJob extends KubernetesDependentResource<Job, IrisModel>
    implements Creator<Job, IrisModel>, GarbageCollected<IrisModel> {

  private static final int WEEK_SECONDS = 7 * 24 * 3600;
  private static final String DATA = "data";
  private static final String DATA_FOLDER = "/training-data";

  @Override
  protected Job desired(IrisModel resource, Context<IrisModel> context) {
    ReconcileContext reconcile = ReconcileContext.from(context);
    return desired(
        resource,
        reconcile.decision().spec(),
        reconcile.decision().train().orElseThrow(),
        reconcile.trackingUri(),
        reconcile.defaults());
  }

  @Override
  protected ResourceID targetSecondaryResourceID(IrisModel resource, Context<IrisModel> context) {
    return new ResourceID(
        ReconcileContext.from(context).decision().train().map(Train::job).orElse(""),
        resource.getMetadata().getNamespace());
  }

  /** A Job that exists already is the answer to its request. */
  @Override
  public void delete(IrisModel resource, Context<IrisModel> context) {}

  /** The manifest. */
  public static Job desired(
      IrisModel resource,
      IrisModelSpec spec,
      Train train,
      URI trackingUri,
      WorkloadDefaults defaults) {
    String name = resource.getMetadata().getName();
    Map<String, String> labels = Labels.of(name, Component.TRAINER);
    MlflowMounts mlflow = MlflowMounts.of(trackingUri.toString(), spec.mlflow(), defaults);
    return new JobBuilder()
        .withNewMetadata()
        .withName(train.job())
        .withNamespace(resource.getMetadata().getNamespace())
        .withLabels(labels)
        .addToAnnotations(TrainingRequest.ANNOTATION, train.request())
        .endMetadata()
        .withNewSpec()
        .withBackoffLimit(spec.training().backoffLimit())
        .withActiveDeadlineSeconds(spec.training().activeDeadlineSeconds().longValue())
        .withTtlSecondsAfterFinished(WEEK_SECONDS)
        .withNewPodFailurePolicy()
        .addNewRule()
        .withAction("FailJob")
        .withNewOnExitCodes()
        .withContainerName("trainer")
        .withOperator("In")
        .withValues(TrainerExitCode.NON_RETRYABLE)
        .endOnExitCodes()
        .endRule()
        .endPodFailurePolicy()
        .withNewTemplate()
        .withNewMetadata()
        .withLabels(labels)
        .endMetadata()
        .withSpec(
            RestrictedPodSecurity.pod(
                    container(resource, spec, train, trackingUri, mlflow, defaults),
                    defaults.imagePullSecrets())
                .addAllToVolumes(volume(spec.training().data()).stream().toList())
                .addAllToVolumes(mlflow.volumes())
                .withRestartPolicy("Never")
                .build())
        .endTemplate()
        .endSpec()
        .build();
  }

  private static Container container(
      IrisModel resource,
      IrisModelSpec spec,
      Train train,
      URI trackingUri,
      MlflowMounts mlflow,
      WorkloadDefaults defaults) {
    ContainerBuilder container = new ContainerBuilder();
    if (volume(spec.training().data()).isPresent()) {
      container
          .addNewVolumeMount()
          .withName(DATA)
          .withMountPath(DATA_FOLDER)
          .withReadOnly(true)
          .endVolumeMount();
    }
    return container
        .withName("trainer")
        .withImage(defaults.trainer().orElseThrow())
        .withImagePullPolicy("IfNotPresent")
        .withEnv(env(resource, spec, train, trackingUri))
        .addAllToEnv(mlflow.env())
        .addAllToEnv(defaults.env())
        .addAllToVolumeMounts(mlflow.mounts())
        .withTerminationMessagePolicy("FallbackToLogsOnError")
        .withResources(
            Optional.ofNullable(spec.training().resources()).orElseGet(TrainerJob::resources))
        .build();
  }

  /** The volume of the data; none if they are in the image or downloaded. */
  private static Optional<Volume> volume(TrainingData data) {
    if (data == null || data.url() != null) {
      return Optional.empty();
    }
    VolumeBuilder volume = new VolumeBuilder().withName(DATA);
    return Optional.of(
        data.configMapName() == null
            ? volume.withNewPersistentVolumeClaim(data.persistentVolumeClaimName(), true).build()
            : volume.withNewConfigMap().withName(data.configMapName()).endConfigMap().build());
  }

  private static void data(List<EnvVar> env, TrainingData data) {
    if (data == null) {
      return;
    }
    if (data.url() != null) {
      env.add(new EnvVar(TrainerEnv.TRAIN_DATA, data.url(), null));
      env.add(new EnvVar(TrainerEnv.TRAIN_DATA_DIGEST, data.digest(), null));
    } else {
      env.add(new EnvVar(TrainerEnv.TRAIN_DATA, DATA_FOLDER + "/iris_train.csv", null));
      env.add(new EnvVar(TrainerEnv.TEST_DATA, DATA_FOLDER + "/iris_test.csv", null));
    }
  }

  private static void registration(List<EnvVar> env, RegistrationSpec registration) {
    if (registration == null) {
      return;
    }
    env.add(new EnvVar(TrainerEnv.REGISTERED_MODEL, registration.name(), null));
    Optional.ofNullable(registration.alias())
        .ifPresent(alias -> env.add(new EnvVar(TrainerEnv.REGISTERED_ALIAS, alias, null)));
    Optional.ofNullable(registration.minAccuracy())
        .ifPresent(min -> env.add(new EnvVar(TrainerEnv.MIN_ACCURACY, min.toString(), null)));
  }

  private static List<EnvVar> env(
      IrisModel resource, IrisModelSpec spec, Train train, URI trackingUri) {
    List<EnvVar> env = new ArrayList<>();
    env.add(new EnvVar(TrainerEnv.TRACKING_URI, trackingUri.toString(), null));
    env.add(new EnvVar(TrainerEnv.EXPERIMENT, spec.experiment(), null));
    env.add(new EnvVar(TrainerEnv.ARTIFACT_PATH, spec.model().artifactPath(), null));
    env.add(
        new EnvVar(
            TrainerEnv.IRIS_MODEL,
            resource.getMetadata().getNamespace() + "/" + resource.getMetadata().getName(),
            null));
    env.add(new EnvVar(TrainerEnv.JOB, train.job(), null));
    TrainingParameters parameters = spec.training().parameters();
    if (parameters != null) {
      integer(env, TrainerEnv.N_ESTIMATORS, parameters.nEstimators());
      integer(env, TrainerEnv.MAX_DEPTH, parameters.maxDepth());
      integer(env, TrainerEnv.MIN_SAMPLES_SPLIT, parameters.minSamplesSplit());
      integer(env, TrainerEnv.MIN_SAMPLES_LEAF, parameters.minSamplesLeaf());
      integer(env, TrainerEnv.RANDOM_STATE, parameters.randomState());
    }
    data(env, spec.training().data());
    registration(env, spec.training().registration());
    return env;
  }

  private static void integer(List<EnvVar> env, String name, Integer value) {
    if (value != null) {
      env.add(new EnvVar(name, value.toString(), null));
    }
  }

  private static ResourceRequirements resources() {
    return new ResourceRequirementsBuilder()
        .addToRequests("cpu", new Quantity("250m"))
        .addToRequests("memory", new Quantity("512Mi"))
        .addToLimits("memory", new Quantity("1Gi"))
        .build();
  }
}
