package smile.model.cart;

/**
 * A split's threshold, which Smile shows to its own package only.
 *
 * <p>Being in that package, this is checked by the compiler; reflection would fail at run time, and
 * parsing Smile's text form would lose digits.
 */
public final class OrdinalThreshold {
  private OrdinalThreshold() {}

  /** Rows whose value is at most this go to the true child. */
  public static double of(OrdinalNode split) {
    return split.value;
  }
}
