package io.irisoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.irisoperator.contract.TrainingDefaults;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A fleet outgrows one operator: a platform engineer installs two, each for its own IrisModels. */
@ExtendWith(StackExtension.class)
class SeveralOperatorsIT {
  private static final String SPEC =
      "{model: {latest: {experiment: %s}}}".formatted(TrainingDefaults.EXPERIMENT);

  private static final String STORED = "app.kubernetes.io/component=stored-model";

  private final Stack stack;

  SeveralOperatorsIT(Stack stack) {
    this.stack = stack;
  }

  @Test
  void twoOperatorsServeTheIrisModelsOfANamespaceByTheirLabelsAndHandThemOver() throws Exception {
    Release models = Release.create(stack, "sharded");
    Release first = Release.create(stack, "shard-a");
    Release second = Release.create(stack, "shard-b");
    try {
      install(first, "a");
      install(second, "b");
      serve(models, "one", "a");
      serve(models, "two", "b");
      assertThat(models.kubectl("get", "configmaps", "-o", "name", "-l", STORED).lines())
          .hasSize(1);
      List<String> before = models.irisModels().podUids("two");

      second.uninstall();
      label(models, "two", "a");
      models.irisModels().patch("two", "{\"spec\":{\"serving\":{\"replicas\":2}}}");
      models.irisModels().awaitReplicas("two", 2);
      assertThat(models.irisModels().podUids("two")).hasSize(2).containsAll(before);
    } finally {
      for (Release release : List.of(models, first, second)) {
        release.uninstall();
      }
    }
  }

  private static void install(Release release, String shard) throws Exception {
    List<String> values = new ArrayList<>(Release.STACK_MLFLOW);
    values.add("operator.watchNamespaces={sharded}");
    values.add("operator.watchSelector=shard=" + shard);
    release.upgradeTo(Release.CHART, values);
  }

  private static void serve(Release models, String name, String shard) {
    models.irisModels().apply(name, SPEC);
    label(models, name, shard);
    models.irisModels().awaitReady(name);
  }

  private static void label(Release models, String name, String shard) {
    models
        .irisModels()
        .patch(name, "{\"metadata\":{\"labels\":{\"shard\":\"%s\"}}}".formatted(shard));
  }
}
