package io.irisoperator.server.protocol.iris;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.irisoperator.model.Iris;
import java.util.Arrays;

/**
 * Reads a flower in its common form from a request's bytes, without allocation: the four fields in
 * any order, each once, as digits with or without a sign and a decimal point. Anything else, valid
 * or not, is left to {@link FlowerParser}. Whatever this parser accepts, {@link FlowerParser}
 * accepts too, with the same values.
 */
final class FastFlowerParser {
  private static final byte[][] NAMES =
      Iris.FEATURES.stream().map(name -> name.getBytes(US_ASCII)).toArray(byte[][]::new);

  /** Such integers and powers of ten are below 2^53, so their quotient is correctly rounded. */
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
   * Reads a flower.
   *
   * @param row receives the values in the order of {@link Iris#FEATURES}
   * @return whether the flower has the common form
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
      if (Double.isNaN(value)) {
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

  private boolean skip(char expected) {
    skipSpace();
    if (at < end && bytes[at] == expected) {
      at++;
      return true;
    }
    return false;
  }

  /** Reads a field's name: the index of its feature, or -1. */
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

  /** Reads a number, or NaN if it does not have the common form. */
  private double number() {
    boolean negative = skip('-');
    int start = at;
    long digits = digits(0);
    int integerDigits = at - start;
    if (integerDigits == 0 || (integerDigits > 1 && bytes[start] == '0')) {
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
    boolean hasExponent = at < end && (bytes[at] == 'e' || bytes[at] == 'E');
    // JSON's -0 is an integer to some parsers, and so without a sign.
    if (hasExponent || integerDigits + decimals > MAX_DIGITS || (negative && digits == 0)) {
      return Double.NaN;
    }
    double value = digits / POWERS_OF_TEN[decimals];
    return negative ? -value : value;
  }

  private long digits(long before) {
    long value = before;
    while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
      value = value * 10 + (bytes[at++] - '0');
    }
    return value;
  }
}
