package io.irisoperator.e2e;

import static io.irisoperator.e2e.Stack.NAMESPACE;
import static io.irisoperator.e2e.Waits.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.irisoperator.contract.ArchiveParts;
import io.irisoperator.mlflow.Run;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.state.StoredModel;
import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.Test;

/** A byte of a user's model is flipped, under a load of 200 predictions a second. */
class CorruptModelIT extends UnderLoad {
  CorruptModelIT(Stack stack) {
    super(stack, "corrupt");
  }

  @Test
  void aFlippedByteInMlflowIsDetectedAndNotServed() throws Exception {
    Trainer.Result trained = new Trainer(MlflowServer.ADDRESS).train("e2e_corrupt", 9);
    Run run = stack.mlflow.client.run(trained.runId());
    byte[] requirements = stack.mlflow.files(run).get("requirements.txt");
    String expected = MlflowServer.digest(stack.mlflow.files(run));
    requirements[0] ^= 1;
    stack.mlflow.overwrite(run, "requirements.txt", requirements);
    String actual = MlflowServer.digest(stack.mlflow.files(run));
    Instant moved = Instant.now();
    stack.mlflow.moveAlias(stack.mlflow.register(name, run), ChampionVersions.ALIAS);
    model.awaitDegraded(Reason.DIGEST_MISMATCH, run.runId(), expected, actual);
    Timings.record("byte flipped in MLflow → condition", moved, Instant.now());
    assertThat(model.servedVersion()).isZero();
    load.assertNoErrors();
  }

  @Test
  void aFlippedByteInTheStoredModelIsDetectedAndNotServed() throws Exception {
    champions.promote(1);
    model.awaitReady(1);
    champions.promote(0);
    model.awaitReady(0);
    String configMap = flipByteInStoredModel(champions.digest(1));
    Instant moved = Instant.now();
    champions.promote(1);
    model.awaitDegraded(
        Reason.STORED_MODEL_CORRUPT,
        configMap,
        "not the digest " + champions.digest(1),
        "delete it");
    Timings.record("byte flipped in the stored model → condition", moved, Instant.now());
    assertThat(model.servedVersion()).isZero();
    load.assertNoErrors();
    // The message's next step.
    stack.client.configMaps().inNamespace(NAMESPACE).withName(configMap).delete();
    model.awaitReady(1);
    load.assertNoErrors();
  }

  /**
   * Flips a byte in the stored model with this digest. Its ConfigMap is immutable, so it is deleted
   * and created again.
   *
   * @return the name of the ConfigMap
   */
  private String flipByteInStoredModel(String digest) {
    ConfigMap storedModel =
        stack
            .client
            .configMaps()
            .inNamespace(NAMESPACE)
            .withName(StoredModel.configMap(digest, 0))
            .get();
    byte[] bytes = Base64.getDecoder().decode(storedModel.getBinaryData().get(ArchiveParts.KEY));
    bytes[bytes.length / 3] ^= 1;
    storedModel.getBinaryData().put(ArchiveParts.KEY, Base64.getEncoder().encodeToString(bytes));
    storedModel.getMetadata().setResourceVersion(null);
    storedModel.getMetadata().setUid(null);
    stack.client.resource(storedModel).delete();
    await().until(() -> stack.client.resource(storedModel).create() != null);
    return storedModel.getMetadata().getName();
  }
}
