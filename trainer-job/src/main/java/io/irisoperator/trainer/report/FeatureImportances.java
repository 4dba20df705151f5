package io.irisoperator.trainer.report;

import io.irisoperator.model.Iris;
import java.util.List;
import java.util.Locale;

/** A picture of the importances of the features. */
public final class FeatureImportances {
  private static final int ROW = 40;
  private static final int LEFT = 130;
  private static final int BAR = 400;
  private static final int TOP = 50;

  private FeatureImportances() {}

  /**
   * Draws the bars.
   *
   * @param importances by feature, summing to 1
   */
  public static String svg(List<Double> importances) {
    Svg svg = new Svg(LEFT + BAR + 70, TOP + importances.size() * ROW + 20);
    svg.text(LEFT, 22, "start", "black", "mean decrease of Gini impurity, share of all");
    for (int f = 0; f < importances.size(); f++) {
      double y = TOP + f * ROW;
      double length = importances.get(f) * BAR;
      svg.text(LEFT - 10, y + ROW / 2.0, "end", "black", Iris.FEATURES.get(f));
      svg.rectangle(LEFT, y + 5, length, ROW - 10, "hsl(211,60%,45%)");
      String share = String.format(Locale.ROOT, "%.3f", importances.get(f));
      svg.text(LEFT + length + 8, y + ROW / 2.0, "start", "black", share);
    }
    return svg.toString();
  }
}
