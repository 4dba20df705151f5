package io.irisoperator.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProxiesTest {
  private static final URI PROXY = URI.create("http://proxy:3128");

  private static Proxies proxies(Map<String, String> variables) {
    return Proxies.of(new Environment(variables));
  }

  @Test
  void eachSchemeHasItsProxy() {
    Proxies https = proxies(Map.of("HTTPS_PROXY", "http://proxy:3128"));
    assertThat(https.proxy(URI.create("https://mlflow.example.com"))).contains(PROXY);
    assertThat(https.proxy(URI.create("http://mlflow.example.com"))).isEmpty();
    assertThat(https.select(URI.create("https://mlflow.example.com")).getFirst().address())
        .hasToString("proxy/<unresolved>:3128");
    assertThat(proxies(Map.of("http_proxy", "http://proxy:3128")).variables())
        .containsExactly(Map.entry("HTTP_PROXY", "http://proxy:3128"));
  }

  @ParameterizedTest
  @CsvSource({
    "example.com, https://mlflow.example.com, true",
    ".example.com, https://example.com, true",
    "*.example.com, https://mlflow.example.com, true",
    "example.com, https://notexample.com, false",
    "example.com:8443, https://mlflow.example.com:8443, true",
    "example.com:8443, https://mlflow.example.com, false",
    "example.com:443, https://MLFLOW.example.com, true",
    "'a, .svc', https://mlflow.mlops.svc:5000, true",
    "*, https://mlflow.example.com, true",
    "10.0.0.0/8, https://10.96.0.1, true",
    "10.0.0.0/8, https://11.96.0.1, false",
    "10.96.0.1, https://10.96.0.1:6443, true",
    "fd00::/9, https://[fd7f::1], true",
    "fd00::/9, https://[fd80::1], false",
    "10.0.0.0/8, https://[::1:2], false",
    "'', https://127.0.0.1:5000, true",
    "'', https://localhost, true",
    "'', https://mlflow, false",
  })
  void someHostsAreConnectedToDirectly(String noProxy, URI address, boolean direct) {
    Proxies proxies = proxies(Map.of("HTTPS_PROXY", "http://proxy:3128", "NO_PROXY", noProxy));
    assertThat(proxies.proxy(address).isEmpty()).isEqualTo(direct);
  }

  @Test
  void aProxyIsAnHttpUrlWithoutAPassword() {
    assertThat(proxies(Map.of("HTTPS_PROXY", "proxy:3128")).proxy(URI.create("https://mlflow")))
        .contains(PROXY);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> proxies(Map.of("HTTPS_PROXY", "https://proxy:3129")))
        .withMessage("HTTPS_PROXY must be an http URL: proxies with TLS are not supported");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> proxies(Map.of("HTTPS_PROXY", "http://ann:s3cret@proxy:3128")))
        .withMessage("HTTPS_PROXY must be an http or https URL without user and password");
  }
}
