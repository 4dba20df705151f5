package io.irisoperator.operator.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperatorConfigTest {
  @ParameterizedTest
  @CsvSource({"3, 3", "10, 10", "3600, 30"})
  void whatFailedIsTriedAgainSoonThoughMlflowIsPolledRarely(String poll, int retrySeconds) {
    OperatorConfig config =
        OperatorConfig.from(
            Map.of(
                "MLFLOW_TRACKING_URI", "http://mlflow:5000",
                "IRIS_MODEL_SERVER_IMAGE", "server:1",
                "POD_NAMESPACE", "mlops",
                "POD_NAME", "iris-operator-0",
                "POLL_INTERVAL_SECONDS", poll));
    assertThat(config.retryInterval()).isEqualTo(Duration.ofSeconds(retrySeconds));
  }
}
