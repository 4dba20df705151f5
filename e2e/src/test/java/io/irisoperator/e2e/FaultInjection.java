package io.irisoperator.e2e;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.irisoperator.contract.ModelServerPod;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Runs {@link FaultyServer} in the pods of an IrisModel, by its podTemplate.
 *
 * @param command as that of the real server, with the faulty one behind its classes: so the JVM
 *     accepts the image's AOT cache, without which a start costs four times the CPU
 */
record FaultInjection(List<String> command) {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String NAME = "faulty-server";
  private static final String JAR = "/faults/faults.jar";

  FaultInjection {
    command = List.copyOf(command);
  }

  /** Creates the ConfigMap that the pods mount. The quickstart's pods run the real server. */
  static FaultInjection create(Stack stack) throws IOException {
    stack
        .client
        .resource(
            new ConfigMapBuilder()
                .withNewMetadata()
                .withName(NAME)
                .withNamespace(Stack.NAMESPACE)
                .endMetadata()
                .addToBinaryData("jar", Base64.getEncoder().encodeToString(jar()))
                .build())
        .serverSideApply();
    return new FaultInjection(
        faulty(NodeProcesses.jvms(stack.irisModels.pods("iris").getFirst()).getFirst()));
  }

  private static byte[] jar() throws IOException {
    String file = FaultyServer.class.getName().replace('.', '/') + ".class";
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (InputStream in = FaultInjection.class.getResourceAsStream("/" + file);
        ZipOutputStream jar = new ZipOutputStream(bytes)) {
      jar.putNextEntry(new ZipEntry(file));
      in.transferTo(jar);
    }
    return bytes.toByteArray();
  }

  private static List<String> faulty(ProcessHandle real) throws IOException {
    List<String> command = new ArrayList<>(List.of("java"));
    command.addAll(List.of(real.info().arguments().orElseThrow()));
    int classpath = command.indexOf("-cp") + 1;
    // The launcher reads the classpath from this file of the image.
    Path file = Path.of(command.get(classpath).substring(1));
    Path root = Path.of("/proc", Long.toString(real.pid()), "root");
    command.set(
        classpath, Files.readString(root.resolve(Path.of("/").relativize(file))) + ":" + JAR);
    command.set(classpath + 1, FaultyServer.class.getName());
    return command;
  }

  /**
   * The value of {@code serving.podTemplate}.
   *
   * @param fault the fault of all pods, whatever their model; empty for the fault that the model's
   *     file {@code fault} names
   */
  String podTemplate(String fault) throws IOException {
    String env =
        fault.isEmpty()
            ? "[]"
            : "[{name: FAULT, value: %s}, {name: IRIS_PORT, value: \"8081\"}]".formatted(fault);
    return """
    {spec: {
      containers: [{name: %s, command: %s, env: %s,
        volumeMounts: [{name: faults, mountPath: /faults, readOnly: true}]}],
      volumes: [{name: faults, configMap: {name: %s, items: [{key: jar, path: faults.jar}]}}]}}
    """
        .formatted(ModelServerPod.CONTAINER, JSON.writeValueAsString(command), env, NAME);
  }
}
