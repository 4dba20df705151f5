package io.irisoperator.trainer.report;

import io.irisoperator.model.Iris;
import java.util.List;
import java.util.Locale;

/** A picture of the rows by true class and predicted class. */
public final class ConfusionMatrix {
  private static final int CELL = 110;
  private static final int LEFT = 110;
  private static final int TOP = 70;

  private ConfusionMatrix() {}

  /**
   * Draws the matrix.
   *
   * @param confusion by true class, then by predicted class
   */
  public static String svg(List<List<Integer>> confusion) {
    int classes = confusion.size();
    Svg svg = new Svg(LEFT + classes * CELL + 20, TOP + classes * CELL + 20);
    svg.text(LEFT + classes * CELL / 2.0, 22, "middle", "black", "predicted class, test rows");
    for (int c = 0; c < classes; c++) {
      String name = Iris.CLASSES.get(c);
      svg.text(LEFT + (c + 0.5) * CELL, TOP - 16, "middle", "black", name);
      svg.text(LEFT - 10, TOP + (c + 0.5) * CELL, "end", "black", name);
    }
    for (int t = 0; t < classes; t++) {
      int rows = Math.max(1, confusion.get(t).stream().mapToInt(Integer::intValue).sum());
      for (int p = 0; p < classes; p++) {
        int count = confusion.get(t).get(p);
        double share = (double) count / rows;
        double x = LEFT + p * CELL;
        double y = TOP + t * CELL;
        svg.rectangle(x + 1, y + 1, CELL - 2, CELL - 2, blue(share));
        String ink = share > 0.5 ? "white" : "black";
        svg.text(x + CELL / 2.0, y + CELL / 2.0, "middle", ink, Integer.toString(count));
      }
    }
    return svg.toString();
  }

  private static String blue(double share) {
    int lightness = (int) Math.round(96 - 56 * share);
    return String.format(Locale.ROOT, "hsl(211,60%%,%d%%)", lightness);
  }
}
