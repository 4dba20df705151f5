package io.irisoperator.server.protocol.iris;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The fast parser accepts a subset of what the full parser accepts, with the same values. */
class FastFlowerParserTest {
  private static final String FLOWER =
      "{\"sepal_length\":5.1,\"sepal_width\":3.5,\"petal_length\":1.4,\"petal_width\":0.2}";

  private final FastFlowerParser parser = new FastFlowerParser();
  private final double[] row = new double[4];

  private boolean read(String body) {
    // Bytes behind the body, which are not part of it.
    byte[] longer = (body + "}7").getBytes(UTF_8);
    return parser.read(longer, longer.length - 2, row);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        FLOWER,
        " {\r\n\t\"petal_width\" : 0.2 , \"petal_length\":1, \"sepal_width\":1000, \"sepal_length\":0 }\n",
        "{\"sepal_length\":-0.05,\"sepal_width\": -3,\"petal_length\":1000000,\"petal_width\":2}",
        "{\"sepal_length\":0.00000000000001,\"sepal_width\":3.50,\"petal_length\":0.0,\"petal_width\":12.3456789}"
      })
  void readsCommonFlowersAsTheFullParser(String body) {
    assertThat(read(body)).isTrue();
    assertThat(row).isEqualTo(FlowerParser.parse(body.getBytes(UTF_8)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{}",
        "[]",
        "null",
        "{\"sepal_length\"",
        "{\"sepal_length\":",
        "{\"sepal_length\":5",
      })
  void leavesOtherInputToTheFullParser(String body) {
    assertThat(read(body)).isFalse();
  }

  @Test
  void leavesUnusualNumbersToTheFullParser() {
    for (String number :
        List.of(
            "-0",
            "-0.0",
            "- 1",
            "+1",
            "01",
            ".5",
            "5.",
            "1e2",
            "1E2",
            "NaN",
            "\"5\"",
            "null",
            "1.2.3",
            "1234567890.123456",
            "0x1",
            "5 5",
            "--1",
            "")) {
      assertThat(read(FLOWER.replace("5.1", number))).as(number).isFalse();
    }
  }

  /**
   * Fuzzing: the fast parser never accepts a mutated flower that the full parser rejects, nor reads
   * other values.
   */
  @Test
  void acceptsNothingThatTheFullParserRejectsOrReadsDifferently() {
    RandomGenerator random = RandomGenerator.of("L64X128MixRandom");
    String alphabet = "{}[]\",:.0123456789eE+- \n\\ansepl_idth";
    int accepted = 0;
    for (int i = 0; i < 300_000; i++) {
      StringBuilder body = new StringBuilder(FLOWER);
      for (int change = random.nextInt(4); change > 0; change--) {
        int at = random.nextInt(body.length());
        char c = alphabet.charAt(random.nextInt(alphabet.length()));
        switch (random.nextInt(3)) {
          case 0 -> body.setCharAt(at, c);
          case 1 -> body.insert(at, c);
          default -> body.deleteCharAt(at);
        }
      }
      if (read(body.toString())) {
        accepted++;
        assertThat(row)
            .as(body.toString())
            .isEqualTo(FlowerParser.parse(body.toString().getBytes(UTF_8)));
      }
    }
    assertThat(accepted).isGreaterThan(75_000);
  }

  @Test
  void readsDecimalsToTheNearestDouble() {
    RandomGenerator random = RandomGenerator.of("L64X128MixRandom");
    for (int i = 0; i < 100_000; i++) {
      String number = random.nextInt(1000) + "." + random.nextLong(1, 1_000_000_000_000L);
      String body = FLOWER.replace("5.1", number);
      assertThat(read(body)).as(number).isTrue();
      assertThat(row[0]).isEqualTo(Double.parseDouble(number));
    }
  }
}
