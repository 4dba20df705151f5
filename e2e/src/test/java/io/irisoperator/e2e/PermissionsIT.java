package io.irisoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.irisoperator.testkit.GoldenFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The operator's permissions are exactly the checked-in list. */
@ExtendWith(StackExtension.class)
class PermissionsIT {
  private static final Path PERMISSIONS = Path.of("src/test/resources/permissions.txt");

  @Test
  void theOperatorHasTheListedPermissionsAndNoOthers(Stack stack) throws Exception {
    String permissions =
        stack
            .commands
            .run(
                "kubectl",
                "auth",
                "can-i",
                "--list",
                "--namespace=" + Stack.NAMESPACE,
                "--as=system:serviceaccount:mlops:iris-operator")
            .lines()
            .map(line -> line.strip().replaceAll("\\s{2,}", "  "))
            .sorted()
            .collect(Collectors.joining("\n", "", "\n"));
    if (GoldenFile.isUpdate()) {
      Files.writeString(PERMISSIONS, permissions);
    }
    assertThat(permissions).isEqualTo(Files.readString(PERMISSIONS));
  }
}
