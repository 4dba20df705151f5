package io.irisoperator.e2e;

import static io.irisoperator.e2e.Waits.await;
import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.fabric8.kubernetes.api.model.Condition;
import io.irisoperator.mlflow.Run;
import io.irisoperator.model.ModelFolder;
import io.irisoperator.operator.api.ConditionType;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.testkit.TestGraph;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Somebody logs an ONNX file that is made to hurt. The previous model is still served. */
@ExtendWith(StackExtension.class)
class HostileModelIT {
  private static final String NAME = "hostile";
  private static final String EXPERIMENT = "e2e_hostile";

  private static Run good;

  private final Stack stack;

  HostileModelIT(Stack stack) {
    this.stack = stack;
  }

  @BeforeAll
  static void serveAGoodModel(Stack stack) throws Exception {
    good = stack.mlflow.trainedRun();
    apply(stack, good);
    stack.irisModels.awaitReady(NAME, good.runId());
  }

  @AfterAll
  static void delete(Stack stack) {
    stack.irisModels.delete(NAME);
  }

  private static void apply(Stack stack, Run run) {
    stack.irisModels.apply(
        NAME,
        "{model: {runId: %s}, rollout: {progressDeadlineSeconds: 30, analysis: {duration: 0s}}}"
            .formatted(run.runId()));
  }

  private void assertNotServed(OnnxMl.ModelProto.Builder model, Reason reason, String message)
      throws Exception {
    byte[] onnx = model.build().toByteArray();
    Run run = stack.mlflow.finishedRun(EXPERIMENT, Map.of(ModelFolder.ONNX, onnx));
    apply(stack, run);
    await()
        .atMost(Duration.ofSeconds(90))
        .untilAsserted(
            () -> {
              Condition degraded = stack.irisModels.condition(NAME, ConditionType.DEGRADED);
              assertThat(degraded.getReason()).isEqualTo(reason.toString());
              assertThat(degraded.getMessage()).contains(run.runId()).containsPattern(message);
            });
    assertThat(stack.irisModels.status(NAME).model().runId()).isEqualTo(good.runId());
    new PredictionClient(stack, NAME).assertPredictsLikeOnnxRuntime(stack.mlflow.onnx(good), 2);
  }

  @Test
  void aFileThatReadsAnotherFileIsRefused() throws Exception {
    OnnxMl.ModelProto.Builder model = TestGraph.logisticRegression();
    model
        .getGraphBuilder()
        .addInitializer(
            TensorProto.newBuilder()
                .setName("secret")
                .setDataType(TensorProto.DataType.UINT8_VALUE)
                .addDims(10)
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(
                    OnnxMl.StringStringEntryProto.newBuilder()
                        .setKey("location")
                        .setValue("/etc/passwd")));
    assertNotServed(model, Reason.MODEL_INVALID, "the constant secret is in another file");
  }

  @Test
  void aFileWithAnOperatorOfItsOwnIsRefused() throws Exception {
    OnnxMl.ModelProto.Builder model = TestGraph.logisticRegression();
    model.addOpsetImport(OnnxMl.OperatorSetIdProto.newBuilder().setDomain("mine").setVersion(1));
    model.getGraphBuilder().getNodeBuilder(0).setDomain("mine").setOpType("Download");
    assertNotServed(
        model, Reason.MODEL_INVALID, "operator Download of the domain mine is not supported");
  }

  /** Its sum needs twelve gigabytes; the pod has half a gigabyte. */
  @Test
  void aFileThatTakesMoreMemoryThanAPodHasIsRolledBack() throws Exception {
    OnnxMl.ModelProto.Builder model = TestGraph.logisticRegression();
    model
        .getGraphBuilder()
        .addInitializer(
            TensorProto.newBuilder()
                .setName("shape")
                .setDataType(TensorProto.DataType.INT64_VALUE)
                .addDims(1)
                .addInt64Data(3_000_000_000L))
        .addNode(node("ConstantOfShape", "zeros", "shape"))
        .addNode(node("ReduceMax", "zero", "zeros"))
        .addNode(node("Add", "sum", "probabilities", "zero"))
        .setOutput(1, TestGraph.value("sum", TensorProto.DataType.FLOAT, 3));
    assertNotServed(model, Reason.ROLLED_BACK, "crash-looping|not ready within 30 s");
  }

  private static NodeProto.Builder node(String operator, String output, String... inputs) {
    NodeProto.Builder node = NodeProto.newBuilder().setOpType(operator).addOutput(output);
    for (String input : inputs) {
      node.addInput(input);
    }
    return node;
  }
}
