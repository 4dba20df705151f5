package io.irisoperator.server.protocol.iris;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.irisoperator.model.Iris;
import java.util.Arrays;

/**
 * Reads a flower from a request's bytes where it is written plainly: the four fields in any order,
 * each once, digits with or without a decimal point. Whatever else there is, right or wrong, is
 * left to {@link FlowerParser}; what this takes, that takes too, with the same values.
 */
final class FastFlowerParser {
  private static final byte[][] NAMES =
      Iris.FEATURES.stream().map(name -> name.getBytes(US_ASCII)).toArray(byte[][]::new);

  /** Below 2^53, and so is ten to that power: their quotient is the nearest double. */
  private static final int MAX_DIGITS = 15;

  private static final double[] POWERS_OF_TEN = new double[MAX_DIGITS + 1];

  static {
    double power = 1;
    for (int n = 0; n <= MAX_DIGITS; n++) {
      POWERS_OF_TEN[n] = power;
      power *= 10;
    }
  }

  private byte[] bytes = {};
  private int end;
  private int at;

  /**
   * Reads one.
   *
   * @param row receives the values in the order of {@link Iris#FEATURES}
   * @return whether it was written plainly, and each length is allowed
   */
  boolean read(byte[] body, int length, double[] row) {
    bytes = body;
    end = length;
    at = 0;
    if (!skip('{')) {
      return false;
    }
    int found = 0;
    do {
      int feature = name();
      if (feature < 0 || (found & (1 << feature)) != 0 || !skip(':')) {
        return false;
      }
      found |= 1 << feature;
      double value = number();
      // Written so that NaN fails it too.
      if (!(value <= Iris.MAX_LENGTH)) {
        return false;
      }
      row[feature] = value;
    } while (skip(','));
    return found == (1 << NAMES.length) - 1 && skip('}') && isEnd();
  }

  private void skipSpace() {
    while (at < end
        && (bytes[at] == ' ' || bytes[at] == '\n' || bytes[at] == '\r' || bytes[at] == '\t')) {
      at++;
    }
  }

  private boolean isEnd() {
    skipSpace();
    return at == end;
  }

  private boolean skip(char wanted) {
    skipSpace();
    if (at < end && bytes[at] == wanted) {
      at++;
      return true;
    }
    return false;
  }

  /** The index of the feature that a name is of, or -1. */
  private int name() {
    if (!skip('"')) {
      return -1;
    }
    for (int feature = 0; feature < NAMES.length; feature++) {
      byte[] name = NAMES[feature];
      int stop = at + name.length;
      if (stop < end
          && bytes[stop] == '"'
          && Arrays.equals(bytes, at, stop, name, 0, name.length)) {
        at = stop + 1;
        return feature;
      }
    }
    return -1;
  }

  /** A number, or NaN where it is not written plainly. */
  private double number() {
    skipSpace();
    int start = at;
    long digits = digits(0);
    int whole = at - start;
    if (whole == 0 || (whole > 1 && bytes[start] == '0')) {
      return Double.NaN;
    }
    int decimals = 0;
    if (at < end && bytes[at] == '.') {
      int point = at++;
      digits = digits(digits);
      decimals = at - point - 1;
      if (decimals == 0) {
        return Double.NaN;
      }
    }
    boolean goesOn = at < end && (bytes[at] == 'e' || bytes[at] == 'E');
    return goesOn || whole + decimals > MAX_DIGITS ? Double.NaN : digits / POWERS_OF_TEN[decimals];
  }

  private long digits(long before) {
    long value = before;
    while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
      value = value * 10 + (bytes[at++] - '0');
    }
    return value;
  }
}
