package io.irisoperator.model;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.random.RandomGenerator;

/** Random trees and rows with values that evaluators get wrong. */
record RandomForests(RandomGenerator random, int features, int classes) {

  Forest forest(Precision precision, int trees, int depth) throws InvalidModelException {
    List<List<Node>> forest = new ArrayList<>(trees);
    for (int t = 0; t < trees; t++) {
      forest.add(tree(depth, trees));
    }
    return Forest.of(precision, features, classes, forest);
  }

  private record Open(int position, int depth) {}

  /** At most {@code depth} splits deep; one path has that depth, the others end at random. */
  private List<Node> tree(int depth, int trees) {
    List<Node> nodes = new ArrayList<>();
    nodes.add(leaf(trees));
    Deque<Open> open = new ArrayDeque<>(List.of(new Open(0, 0)));
    boolean spine = true;
    while (!open.isEmpty()) {
      Open next = open.pop();
      if (next.depth() < depth && nodes.size() < 400 && (spine || random.nextInt(10) < 6)) {
        int left = nodes.size();
        nodes.add(leaf(trees));
        nodes.add(leaf(trees));
        nodes.set(
            next.position(),
            new Node.Split(
                random.nextInt(features), value(), random.nextInt(8) == 0, left, left + 1));
        open.push(new Open(left + 1, next.depth() + 1));
        open.push(new Open(left, next.depth() + 1));
      } else {
        spine = false;
      }
    }
    return nodes;
  }

  private Node.Leaf leaf(int trees) {
    List<Float> weights = new ArrayList<>(classes);
    for (int c = 0; c < classes; c++) {
      weights.add(random.nextInt(3) == 0 ? 0f : random.nextFloat() / trees);
    }
    weights.set(random.nextInt(classes), (1 + random.nextInt(4)) / (4f * trees));
    return new Node.Leaf(weights);
  }

  /** Few different values, so that rows hit thresholds. */
  private float value() {
    return random.nextInt(-20, 21) / 10f;
  }

  double[] row(Precision precision) {
    double[] row = new double[features];
    for (int f = 0; f < features; f++) {
      row[f] =
          switch (random.nextInt(16)) {
            case 0 -> Double.NaN;
            case 1 -> Double.POSITIVE_INFINITY;
            case 2 -> Double.NEGATIVE_INFINITY;
            case 3 -> -0.0;
            case 4 -> Float.MIN_VALUE;
            case 5 -> Math.nextUp(value());
            case 6 -> Math.nextDown(value());
            // The double of the decimal, which differs from that of the float
            case 7 -> random.nextInt(-20, 21) / 10.0;
            default -> value();
          };
      if (precision == Precision.FLOAT32) {
        row[f] = (float) row[f];
      }
    }
    return row;
  }
}
