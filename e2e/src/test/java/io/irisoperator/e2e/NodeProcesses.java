package io.irisoperator.e2e;

import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The processes of pods, seen from the node that this machine is. */
final class NodeProcesses {
  private NodeProcesses() {}

  /** The JVMs of a pod; a pod's processes are those of its cgroup. */
  static List<ProcessHandle> jvms(Pod pod) {
    String uid = pod.getMetadata().getUid();
    return ProcessHandle.allProcesses()
        .filter(process -> procFile(process, "cgroup").contains("pod" + uid))
        .filter(process -> process.info().command().orElse("").endsWith("java"))
        .toList();
  }

  /** A file of a process in {@code /proc}; empty if the process has ended. */
  static String procFile(ProcessHandle process, String file) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(process.pid()), file));
    } catch (IOException e) {
      return "";
    }
  }
}
