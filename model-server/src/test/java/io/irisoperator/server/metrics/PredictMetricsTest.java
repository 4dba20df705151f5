package io.irisoperator.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class PredictMetricsTest {
  /** Ten trees that agree: ten times 0.1, summed in float32. */
  @Test
  void capsAConfidenceThatRoundingPutsAboveOne() throws Exception {
    PrometheusRegistry registry = new PrometheusRegistry();
    float sum = 0;
    for (int tree = 0; tree < 10; tree++) {
      sum += 0.1f;
    }
    assertThat(sum).isGreaterThan(1);
    new ServerMetrics(registry).predictMetrics(List.of("setosa")).predicted(0, sum, 1);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ExpositionFormats.init().getPrometheusTextFormatWriter().write(out, registry.scrape());
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("iris_prediction_confidence_bucket{predicted_class=\"setosa\",le=\"1.0\"} 1");
  }
}
