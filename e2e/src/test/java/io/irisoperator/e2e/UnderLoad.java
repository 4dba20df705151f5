package io.irisoperator.e2e;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests of one IrisModel under a load of 200 predictions a second. */
@ExtendWith(StackExtension.class)
@Tag(Phase.UNDER_LOAD)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class UnderLoad {
  final Stack stack;
  final String name;
  ChampionModel model;
  ChampionVersions champions;
  LoadGenerator load;

  UnderLoad(Stack stack, String name) {
    this.stack = stack;
    this.name = name;
  }

  /** How long each rollout is analyzed: not at all, except by the tests that are about it. */
  Duration analysis() {
    return Duration.ZERO;
  }

  /** The MLflow that the IrisModel uses. */
  String trackingUri() throws IOException {
    return MlflowServer.CLUSTER_ADDRESS;
  }

  @BeforeAll
  void registerModels() throws Exception {
    model = ChampionModel.serve(stack, name, trackingUri(), analysis());
    champions = model.versions();
  }

  @AfterAll
  void delete() {
    stack.irisModels.delete(name);
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
}
