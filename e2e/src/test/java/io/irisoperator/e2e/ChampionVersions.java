package io.irisoperator.e2e;

import io.irisoperator.mlflow.ModelVersion;
import io.irisoperator.mlflow.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Good versions of a registered model. One of them at a time has the alias {@code champion}.
 *
 * @param files the files of each version's model folder
 */
record ChampionVersions(
    MlflowServer mlflow, List<ModelVersion> versions, List<Map<String, byte[]>> files) {
  static final String ALIAS = "champion";

  /** Trains and registers versions, with the seeds 1, 2, ... */
  static ChampionVersions train(MlflowServer mlflow, String name, String experiment, int count)
      throws Exception {
    List<ModelVersion> versions = new ArrayList<>();
    List<Map<String, byte[]>> files = new ArrayList<>();
    for (int seed = 1; seed <= count; seed++) {
      Trainer.Result result = new Trainer(MlflowServer.ADDRESS).train(experiment, seed);
      Run run = mlflow.client.run(result.runId());
      versions.add(mlflow.register(name, run));
      files.add(mlflow.files(run));
    }
    return new ChampionVersions(mlflow, versions, files);
  }

  /** Moves the alias to a version, by its index. */
  void promote(int version) {
    mlflow.moveAlias(versions.get(version), ALIAS);
  }

  int count() {
    return versions.size();
  }

  String runId(int version) {
    return versions.get(version).runId();
  }

  String digest(int version) {
    return MlflowServer.digest(files.get(version));
  }

  /** The index of the version that a run produced. */
  int indexOf(String runId) {
    return versions.stream().map(ModelVersion::runId).toList().indexOf(runId);
  }
}
