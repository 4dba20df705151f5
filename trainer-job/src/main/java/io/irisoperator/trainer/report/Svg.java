package io.irisoperator.trainer.report;

import java.util.Locale;

/**
 * A drawing in SVG, which MLflow's UI shows. PNG would need the JDK's desktop module and fonts in
 * the image.
 */
final class Svg {
  private final StringBuilder body = new StringBuilder();
  private final int width;
  private final int height;

  Svg(int width, int height) {
    this.width = width;
    this.height = height;
  }

  Svg rectangle(double x, double y, double w, double h, String fill) {
    body.append(
        String.format(
            Locale.ROOT,
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>%n",
            x,
            y,
            w,
            h,
            fill));
    return this;
  }

  /**
   * Text with its {@code anchor} (start, middle or end) at x and its middle at y; letters and
   * digits only.
   */
  Svg text(double x, double y, String anchor, String fill, String text) {
    body.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" dominant-baseline=\"middle\" fill=\"%s\">%s</text>%n",
            x,
            y,
            anchor,
            fill,
            text));
    return this;
  }

  @Override
  public String toString() {
    return """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="sans-serif" font-size="14">
    <rect width="100%%" height="100%%" fill="white"/>
    %s</svg>
    """
        .formatted(width, height, width, height, body);
  }
}
