package io.irisoperator.e2e;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A pod with a shell, for requests from inside the cluster. It is created on first use. */
record ShellPod(KubernetesClient client, String namespace, Map<String, String> labels) {
  private static final String NAME = "e2e-shell";

  private static final String MANIFEST =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: e2e-shell}
      spec:
        automountServiceAccountToken: false
        terminationGracePeriodSeconds: 0
        securityContext: {runAsNonRoot: true, runAsUser: 65532, seccompProfile: {type: RuntimeDefault}}
        containers:
        - name: shell
          image: busybox:stable
          imagePullPolicy: IfNotPresent
          command: [sleep, "86400"]
          securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
      """;

  /** Runs a script and returns its output. The script must exit with 0. */
  String run(String script) throws Exception {
    var pods = client.pods().inNamespace(namespace);
    Pod pod = Serialization.unmarshal(MANIFEST, Pod.class);
    pod.getMetadata().setLabels(labels);
    client.resource(pod).inNamespace(namespace).serverSideApply();
    pods.withName(NAME).waitUntilReady(60, TimeUnit.SECONDS);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    try (var exec =
        pods.withName(NAME).writingOutput(out).writingError(err).exec("sh", "-c", script)) {
      int exit = exec.exitCode().get(120, TimeUnit.SECONDS);
      if (exit != 0) {
        throw new AssertionError("exit code %d of: %s\n%s".formatted(exit, script, err));
      }
    }
    return out.toString(StandardCharsets.UTF_8);
  }
}
