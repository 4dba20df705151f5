package io.irisoperator.e2e;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The manifests that are checked in are those that their commands write. */
@Tag(Phase.EXCLUSIVE)
class GeneratedManifestsIT {
  private static final Path K8S = Stack.ROOT.resolve("k8s");

  private final Commands commands = new Commands();
  @TempDir private Path written;

  @Test
  void theManifestsAreRenderedFromTheChart() throws Exception {
    commands.run(K8S + "/render-manifests", written.toString());
    commands.run("diff", "-ru", written + "/crds", K8S + "/crds");
    commands.run("diff", "-u", written + "/stack.yaml", K8S + "/stack.yaml");
  }

  @Test
  void theCrdsOfThePrometheusOperatorMatchItsVersion() throws Exception {
    commands.run(Stack.ROOT + "/helm/update-prometheus-crds", written.toString());
    commands.run("diff", "-ru", written.toString(), Release.CHART + "/charts/prometheus-crds/crds");
  }
}
