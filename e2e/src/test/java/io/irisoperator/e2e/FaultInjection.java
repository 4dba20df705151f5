package io.irisoperator.e2e;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.irisoperator.contract.ModelServerPod;
import java.io.IOException;
import java.io.InputStream;
import java.util.Base64;

/** Runs {@link FaultyServer} in the pods of an IrisModel, by its podTemplate. */
final class FaultInjection {
  private static final String NAME = "faulty-server";
  private static final String CLASS = FaultyServer.class.getName().replace('.', '/') + ".class";

  private FaultInjection() {}

  /** Creates the ConfigMap with the class file that the pods mount. */
  static void createConfigMap(Stack stack) throws IOException {
    try (InputStream in = FaultInjection.class.getResourceAsStream("/" + CLASS)) {
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
   * The value of {@code serving.podTemplate}.
   *
   * @param fault the fault of all pods, whatever their model; empty for the fault that the model's
   *     file {@code fault} names
   */
  static String podTemplate(String fault) {
    String env =
        fault.isEmpty()
            ? "[]"
            : "[{name: FAULT, value: %s}, {name: IRIS_PORT, value: \"8081\"}]".formatted(fault);
    return """
    {spec: {
      containers: [{name: %s,
        command: [java, "-XX:MaxRAMPercentage=60",
                  "--sun-misc-unsafe-memory-access=allow", "-cp", "/app/classpath/*:/app/libs/*:/faults", "%s"],
        env: %s,
        volumeMounts: [{name: faults, mountPath: /faults, readOnly: true}]}],
      volumes: [{name: faults, configMap: {name: %s, items: [{key: class, path: "%s"}]}}]}}
    """
        .formatted(ModelServerPod.CONTAINER, FaultyServer.class.getName(), env, NAME, CLASS);
  }
}
