package io.irisoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.irisoperator.testkit.GoldenFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The operator's permissions are exactly the checked-in list. */
@ExtendWith(StackExtension.class)
class PermissionsIT {
  private static final Path PERMISSIONS = Path.of("src/test/resources/permissions.txt");

  private static final List<String> VERBS =
      List.of("get", "list", "watch", "create", "update", "patch", "delete");

  /** Two Roles may grant a resource's verbs: each twice, and in any order. */
  private static String withSortedVerbs(String line) {
    Matcher verbs = Pattern.compile("\\[([a-z ]+)]$").matcher(line);
    return verbs.replaceFirst(
        match ->
            Stream.of(match.group(1).split(" "))
                .distinct()
                .sorted(Comparator.comparingInt(VERBS::indexOf))
                .collect(Collectors.joining(" ", "[", "]")));
  }

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
            .map(PermissionsIT::withSortedVerbs)
            .sorted()
            .collect(Collectors.joining("\n", "", "\n"));
    if (GoldenFile.isUpdate()) {
      Files.writeString(PERMISSIONS, permissions);
    }
    assertThat(permissions).isEqualTo(Files.readString(PERMISSIONS));
  }
}
