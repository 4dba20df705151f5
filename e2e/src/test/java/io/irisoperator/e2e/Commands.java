package io.irisoperator.e2e;

import io.irisoperator.contract.TrainerEnv;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs programs on this machine, with the cluster's kubeconfig. */
final class Commands {

  /** Runs a program and returns its output. The program must succeed within ten minutes. */
  String run(String... command) throws Exception {
    return run(List.of(command));
  }

  String run(List<String> command) throws Exception {
    return run(Map.of(), command);
  }

  String run(Map<String, String> environment, List<String> command) throws Exception {
    Path out = Files.createTempFile("e2e", ".out");
    Path err = Files.createTempFile("e2e", ".err");
    // env searches the PATH that is set here; ProcessBuilder searches the PATH of this JVM.
    List<String> byPath = new ArrayList<>(List.of("/usr/bin/env"));
    byPath.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(byPath).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().put("KUBECONFIG", Cluster.kubeconfig().toString());
    builder.environment().merge("PATH", programs(), (path, programs) -> programs + ":" + path);
    builder.environment().putAll(environment);
    Process process = builder.start();
    boolean ended = process.waitFor(10, TimeUnit.MINUTES);
    if (!ended || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new AssertionError(
          "%s: %s\n%s".formatted(command, Files.readString(out), Files.readString(err)));
    }
    return Files.readString(out);
  }

  /** Runs kubectl in a namespace. */
  String kubectl(String namespace, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("kubectl", "-n", namespace));
    command.addAll(List.of(arguments));
    return run(command);
  }

  /** The folder of kubectl, Helm and promtool. */
  private static String programs() {
    try {
      return Files.readString(Path.of("target/programs")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("no programs; run e2e/start-stack", e);
    }
  }

  /**
   * Runs a script of {@code e2e/python}, with MLflow's address in its environment.
   *
   * @param venv the virtual environment, by the name of its requirements file
   */
  String python(String venv, String script, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of(venv(venv) + "/bin/python", Stack.ROOT + "/e2e/python/" + script));
    command.addAll(List.of(arguments));
    return run(Map.of(TrainerEnv.TRACKING_URI, MlflowServer.ADDRESS.toString()), command);
  }

  /** The folder of a virtual environment; it is created if it does not exist. */
  Path venv(String name) throws Exception {
    return Path.of(run(Stack.ROOT + "/dev/create-venv", "e2e/python/" + name + ".txt").strip());
  }
}
