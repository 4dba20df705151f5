package io.irisoperator.e2e;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.util.Base64;

/** {@link FaultyServer} in the pods of an IrisModel, by way of its podTemplate. */
final class Faults {
  private static final String NAME = "faulty-server";
  private static final String CLASS = FaultyServer.class.getName().replace('.', '/') + ".class";

  private Faults() {}

  /** Makes the class known to the cluster. */
  static void install(Stack stack) throws IOException {
    try (InputStream in = Faults.class.getResourceAsStream("/" + CLASS)) {
      stack
          .client
          .resource(
              new ConfigMapBuilder()
                  .withNewMetadata()
                  .withName(NAME)
                  .withNamespace(Stack.NAMESPACE)
                  .endMetadata()
                  .addToBinaryData("class", Base64.getEncoder().encodeToString(in.readAllBytes()))
                  .build())
          .serverSideApply();
    }
  }

  /**
   * A podTemplate for {@code serving}.
   *
   * @param fault what all pods do, whatever their model says; empty for what the model says
   */
  static String podTemplate(String fault) {
    String env =
        fault.isEmpty()
            ? "[]"
            : "[{name: FAULT, value: %s}, {name: IRIS_PORT, value: \"8081\"}]".formatted(fault);
    return """
    {spec: {
      containers: [{name: model-server,
        command: [java, "-XX:MaxRAMPercentage=60",
                  "--sun-misc-unsafe-memory-access=allow", "-cp", "/app/classpath/*:/app/libs/*:/faults", "%s"],
        env: %s,
        volumeMounts: [{name: faults, mountPath: /faults, readOnly: true}]}],
      volumes: [{name: faults, configMap: {name: %s, items: [{key: class, path: "%s"}]}}]}}
    """
        .formatted(FaultyServer.class.getName(), env, NAME, CLASS);
  }
}
