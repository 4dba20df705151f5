package io.irisoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The operator may do what it needs and nothing else. */
class PermissionsIT {
  private static final Path ALLOWED = Path.of("src/test/resources/permissions.txt");

  @Test
  void theOperatorMayDoWhatIsListedAndNothingElse() throws Exception {
    try (Stack stack = new Stack()) {
      String may =
          stack
              .run(
                  Map.of(),
                  List.of(
                      "kubectl",
                      "auth",
                      "can-i",
                      "--list",
                      "--namespace=" + Stack.NAMESPACE,
                      "--as=system:serviceaccount:mlops:iris-operator"))
              .lines()
              .map(line -> line.strip().replaceAll("\\s{2,}", "  "))
              .sorted()
              .collect(Collectors.joining("\n", "", "\n"));
      if (Boolean.getBoolean("golden.update")) {
        Files.writeString(ALLOWED, may);
      }
      assertThat(may).isEqualTo(Files.readString(ALLOWED));
    }
  }
}
