package io.irisoperator.e2e;

import static io.irisoperator.e2e.Stack.NAMESPACE;
import static org.assertj.core.api.Assertions.assertThat;

import io.irisoperator.operator.api.ConditionType;
import io.irisoperator.operator.api.Reason;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A user's model is rolled back, or MLflow is unavailable, under a load of 200 predictions a
 * second.
 */
@ExtendWith(StackExtension.class)
class RollbackIT {
  private static final String NAME = "rollback";

  /** Other tests go on to use MLflow while this class's IrisModel does not reach it. */
  private static MlflowProxy mlflow;

  private static ChampionModel model;
  private static ChampionVersions champions;

  private final Stack stack;
  private LoadGenerator load;

  RollbackIT(Stack stack) {
    this.stack = stack;
  }

  @BeforeAll
  static void registerModels(Stack stack) throws Exception {
    mlflow = stack.mlflow.proxy();
    model = ChampionModel.serve(stack, NAME, mlflow.uri().toString());
    champions = model.versions();
  }

  @AfterAll
  static void delete(Stack stack) {
    stack.irisModels.delete(NAME);
    mlflow.close();
  }

  @BeforeEach
  void startLoad() throws Exception {
    load = model.serveFirstVersionUnderLoad();
  }

  @AfterEach
  void stopLoad() {
    if (load != null) {
      load.close();
    }
  }

  @Test
  void rollsBackASlowServerAndAFailingOne() throws Exception {
    for (String fault : List.of("slow", "failing")) {
      Instant applied = Instant.now();
      model.apply(fault);
      model.awaitDegraded(
          Reason.ROLLED_BACK,
          fault.equals("slow") ? "the p99 latency of /predict is" : "the error rate of",
          "rollout.analysis.");
      Timings.record(fault + " server applied → rolled back", applied, Instant.now());
      model.apply("");
      model.awaitReady(0);
    }
  }

  @Test
  void podsStartAndScaleWhileMlflowIsUnavailable() throws Exception {
    mlflow.stop();
    try {
      int replicas = Stack.FULL ? 5 : 3;
      stack.irisModels.resource(NAME).scale(replicas);
      stack.irisModels.awaitReplicas(NAME, replicas);
      for (String pod : stack.irisModels.podNames(NAME)) {
        stack.client.pods().inNamespace(NAMESPACE).withName(pod).delete();
        stack.pods.awaitDeleted(pod);
        stack.irisModels.awaitReplicas(NAME, replicas);
      }
      load.assertNoErrors();
      assertThat(stack.irisModels.condition(NAME, ConditionType.READY).getStatus())
          .isEqualTo("True");
      for (ConditionType type : List.of(ConditionType.DEGRADED, ConditionType.MODEL_RESOLVED)) {
        assertThat(stack.irisModels.condition(NAME, type).getReason())
            .isEqualTo(Reason.MLFLOW_UNREACHABLE.toString());
      }
    } finally {
      mlflow.restart();
    }
    List<String> uids = stack.irisModels.podUids(NAME);
    model.awaitNotDegraded();
    assertThat(stack.irisModels.podUids(NAME)).isEqualTo(uids);
    stack.irisModels.resource(NAME).scale(2);
    stack.irisModels.awaitReplicas(NAME, 2);
    load.assertNoErrors();
  }

  @Test
  void rollsBackToAModelOfTheHistoryWhileMlflowIsUnavailable() throws Exception {
    champions.promote(2);
    model.awaitReady(2);
    mlflow.stop();
    try {
      stack.irisModels.patch(
          NAME, "{\"spec\":{\"rollout\":{\"rollbackTo\":\"" + champions.digest(0) + "\"}}}");
      model.awaitReady(0);
      assertThat(stack.irisModels.condition(NAME, ConditionType.MODEL_RESOLVED).getMessage())
          .contains("selected by rollout.rollbackTo: remove it");
      stack.irisModels.patch(NAME, "{\"spec\":{\"rollout\":{\"rollbackTo\":\"nowhere\"}}}");
      model.awaitDegraded(Reason.ROLLBACK_TARGET_NOT_FOUND, "nowhere", champions.runId(2));
    } finally {
      mlflow.restart();
      stack.irisModels.patch(NAME, "{\"spec\":{\"rollout\":{\"rollbackTo\":null}}}");
    }
    model.awaitReady(2);
    load.assertNoErrors();
  }
}
