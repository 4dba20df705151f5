package io.irisoperator.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class ScoresTest {
  private static final Offset<Double> ROUNDING = Offset.offset(1e-12);

  /** The values are sklearn's: precision_recall_fscore_support(average="weighted"). */
  @Test
  void equalsScikitLearn() {
    Scores scores = Scores.of(new int[][] {{5, 0, 0}, {1, 3, 0}, {0, 2, 4}});
    assertThat(scores.accuracy()).isEqualTo(0.8);
    assertThat(scores.precision()).isCloseTo(0.8377777777777777, ROUNDING);
    assertThat(scores.recall()).isCloseTo(0.8, ROUNDING);
    assertThat(scores.f1()).isCloseTo(0.8008080808080807, ROUNDING);
  }

  @Test
  void aClassWithoutRowsCountsAsZero() {
    Scores scores = Scores.of(new int[][] {{2, 0, 0}, {0, 2, 0}, {0, 0, 0}});
    assertThat(scores.accuracy()).isEqualTo(1);
    assertThat(scores.f1()).isEqualTo(1);
  }
}
