package io.irisoperator.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvironmentTest {
  private static final Setting ADDRESS = Setting.required("ADDRESS", "an address");
  private static final Setting COUNT = Setting.withDefault("COUNT", "3", "a number");

  @Test
  void usesTheDefaultIfNotSetOrBlank() {
    assertThat(new Environment(Map.of()).integer(COUNT, 1)).isEqualTo(3);
    assertThat(new Environment(Map.of("COUNT", " ")).integer(COUNT, 1)).isEqualTo(3);
    assertThat(new Environment(Map.of("COUNT", "4")).integer(COUNT, 1)).isEqualTo(4);
    assertThatThrownBy(() -> new Environment(Map.of()).uri(ADDRESS))
        .hasMessage("ADDRESS is not set");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://host",
        "mlflow:5000",
        "http://",
        "http:// host",
        "http://me:secret@host",
        "file:/etc/passwd"
      })
  void namesTheVariableOfAnInvalidAddressButNotItsValue(String invalid) {
    assertThatThrownBy(() -> new Environment(Map.of("ADDRESS", invalid)).uri(ADDRESS))
        .hasMessage("ADDRESS must be an http or https URL without user and password");
  }

  @Test
  void readsAnAddress() {
    assertThat(new Environment(Map.of("ADDRESS", "https://host:1/path")).uri(ADDRESS))
        .isEqualTo(URI.create("https://host:1/path"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "x", "1.5", "99999999999"})
  void namesTheVariableOfAnInvalidNumber(String invalid) {
    assertThatThrownBy(() -> new Environment(Map.of("COUNT", invalid)).integer(COUNT, 1))
        .hasMessage("COUNT must be a whole number from 1");
  }
}
