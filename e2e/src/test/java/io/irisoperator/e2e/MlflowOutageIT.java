package io.irisoperator.e2e;

import static io.irisoperator.e2e.Stack.NAMESPACE;
import static org.assertj.core.api.Assertions.assertThat;

import io.irisoperator.operator.api.ConditionType;
import io.irisoperator.operator.api.Reason;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** MLflow is unavailable to a user's model, under a load of 200 predictions a second. */
class MlflowOutageIT extends UnderLoad {
  /** Other tests go on to use MLflow while this class's IrisModel does not reach it. */
  private MlflowProxy mlflow;

  MlflowOutageIT(Stack stack) {
    super(stack, "outage");
  }

  @Override
  String trackingUri() throws IOException {
    mlflow = stack.mlflow.proxy();
    return mlflow.uri().toString();
  }

  @Override
  @AfterAll
  void delete() {
    super.delete();
    mlflow.close();
  }

  @Test
  void podsStartAndScaleWhileMlflowIsUnavailable() throws Exception {
    mlflow.stop();
    try {
      int replicas = Stack.FULL ? 5 : 3;
      stack.irisModels.resource(name).scale(replicas);
      stack.irisModels.awaitReplicas(name, replicas);
      for (String pod : stack.irisModels.podNames(name)) {
        stack.client.pods().inNamespace(NAMESPACE).withName(pod).delete();
        stack.pods.awaitDeleted(pod);
        stack.irisModels.awaitReplicas(name, replicas);
      }
      load.assertNoErrors();
      assertThat(stack.irisModels.condition(name, ConditionType.READY).getStatus())
          .isEqualTo("True");
      for (ConditionType type : List.of(ConditionType.DEGRADED, ConditionType.MODEL_RESOLVED)) {
        assertThat(stack.irisModels.condition(name, type).getReason())
            .isEqualTo(Reason.MLFLOW_UNREACHABLE.toString());
      }
    } finally {
      mlflow.restart();
    }
    List<String> uids = stack.irisModels.podUids(name);
    model.awaitNotDegraded();
    assertThat(stack.irisModels.podUids(name)).isEqualTo(uids);
    stack.irisModels.resource(name).scale(2);
    stack.irisModels.awaitReplicas(name, 2);
    load.assertNoErrors();
  }

  @Test
  void rollsBackToAModelOfTheHistoryWhileMlflowIsUnavailable() throws Exception {
    champions.promote(2);
    model.awaitReady(2);
    mlflow.stop();
    try {
      stack.irisModels.patch(
          name, "{\"spec\":{\"rollout\":{\"rollbackTo\":\"" + champions.digest(0) + "\"}}}");
      model.awaitReady(0);
      assertThat(stack.irisModels.condition(name, ConditionType.MODEL_RESOLVED).getMessage())
          .contains("selected by rollout.rollbackTo: remove it");
      stack.irisModels.patch(name, "{\"spec\":{\"rollout\":{\"rollbackTo\":\"nowhere\"}}}");
      model.awaitDegraded(Reason.ROLLBACK_TARGET_NOT_FOUND, "nowhere", champions.runId(2));
    } finally {
      mlflow.restart();
      stack.irisModels.patch(name, "{\"spec\":{\"rollout\":{\"rollbackTo\":null}}}");
    }
    model.awaitReady(2);
    load.assertNoErrors();
  }
}
