package io.irisoperator.operator.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.irisoperator.mlflow.MlflowException;
import io.irisoperator.mlflow.MlflowException.Reason;
import io.irisoperator.operator.ManualClock;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WebhookRegistrationTest {
  private static final URI URL = URI.create("http://iris-operator.mlops:8080/webhooks/mlflow");

  private final ManualClock clock = new ManualClock();
  private final List<String> registered = new ArrayList<>();
  private Optional<MlflowException> failure = Optional.empty();
  private final WebhookRegistration registration =
      new WebhookRegistration(this::register, "iris-operator.mlops", URL, "shared", clock);

  private void register(String name, URI url, String secret) throws MlflowException {
    registered.add(name + " " + url + " " + secret);
    if (failure.isPresent()) {
      throw failure.get();
    }
  }

  private int callsAfter(Duration duration) {
    registered.clear();
    clock.pass(duration);
    registration.run();
    return registered.size();
  }

  @Test
  void registersAtOnce() {
    registration.run();
    assertThat(registered)
        .containsExactly(
            "iris-operator.mlops http://iris-operator.mlops:8080/webhooks/mlflow shared");
  }

  @Test
  void anMlflowThatHasLostTheWebhookGetsItAgain() {
    registration.run();
    assertThat(callsAfter(Duration.ofMinutes(4))).isZero();
    assertThat(callsAfter(Duration.ofMinutes(1))).isOne();
  }

  @Test
  void anMlflowThatIsAwayIsTriedAgainSoon() {
    failure = Optional.of(new MlflowException(Reason.UNREACHABLE, "connection refused"));
    registration.run();
    failure = Optional.empty();
    assertThat(callsAfter(Duration.ofSeconds(19))).isZero();
    assertThat(callsAfter(Duration.ofSeconds(1))).isOne();
    assertThat(callsAfter(Duration.ofMinutes(4))).isZero();
  }

  @Test
  void anMlflowWithoutWebhooksIsAskedRarely() {
    failure = Optional.of(new MlflowException(Reason.NO_ENDPOINT, "not found"));
    registration.run();
    assertThat(callsAfter(Duration.ofMinutes(4))).isZero();
    assertThat(callsAfter(Duration.ofMinutes(1))).isOne();
  }
}
