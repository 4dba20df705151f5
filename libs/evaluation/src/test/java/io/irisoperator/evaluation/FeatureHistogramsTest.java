package io.irisoperator.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import io.irisoperator.evaluation.FeatureHistograms.Histogram;
import io.irisoperator.evaluation.data.Dataset;
import io.irisoperator.evaluation.data.Flower;
import io.irisoperator.model.Iris;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FeatureHistogramsTest {
  @Test
  void countsEachRowOncePerFeature() {
    Dataset data =
        new Dataset(
            Path.of("rows.csv"),
            List.of(
                new Flower(1, 5, 0, 2, 0), new Flower(2, 5, 20, 2, 1), new Flower(3, 5, 1, 2, 2)),
            "sha256:0");
    Map<String, Histogram> histograms = FeatureHistograms.of(data);
    assertThat(histograms.keySet()).containsExactlyElementsOf(Iris.FEATURES);
    assertThat(histograms.values())
        .allSatisfy(
            histogram -> {
              assertThat(histogram.edges()).isSorted().hasSize(histogram.counts().size() + 1);
              assertThat(histogram.counts().stream().mapToInt(c -> c).sum()).isEqualTo(3);
            });
    Histogram petalLength = histograms.get("petal_length");
    assertThat(petalLength.edges()).startsWith(0.0, 1.0).endsWith(20.0);
    assertThat(petalLength.counts()).startsWith(1, 1).endsWith(1);
  }

  @Test
  void theRangeMayBeMoreThanADoubleHolds() {
    double far = Double.MAX_VALUE;
    Dataset data =
        new Dataset(
            Path.of("rows.csv"),
            List.of(new Flower(-far, 5, 0, 2, 0), new Flower(far, 5, 20, 2, 1)),
            "sha256:0");
    Histogram sepalLength = FeatureHistograms.of(data).get("sepal_length");
    assertThat(sepalLength.edges()).isSorted().startsWith(-far).endsWith(far);
    assertThat(sepalLength.counts()).startsWith(1).endsWith(1);
  }
}
