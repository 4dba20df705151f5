package smile.model.cart;

/**
 * A split's threshold, which is visible in Smile's own package only.
 *
 * <p>The compiler checks this class, as it is in that package; reflection would fail at run time,
 * and parsing Smile's text would lose digits.
 */
public final class OrdinalThreshold {
  private OrdinalThreshold() {}

  /** The threshold: rows with a value up to it go to the true child. */
  public static double of(OrdinalNode split) {
    return split.value;
  }
}
