package io.irisoperator.model;

import java.util.ArrayList;
import java.util.List;

/**
 * A random forest in flat arrays.
 *
 * <p>It gives the results of ONNX Runtime's {@code TreeEnsembleClassifier} with one intra-op
 * thread: comparisons and sums in the input's precision, leaf weights added in the order of the
 * trees, the first class with the highest score. Immutable and thread-safe.
 */
public final class Forest {
  /** The limit of classes, as every leaf has a weight for every class. */
  static final int MAX_CLASSES = 64;

  private static final int LEAF = -1;

  private final Precision precision;
  private final int featureCount;
  private final int classCount;
  private final int[] roots;
  // One entry per node. For a leaf, feature is LEAF and left is the position of its weights.
  private final int[] feature;
  private final float[] threshold;
  private final boolean[] missingGoesLeft;
  private final int[] left;
  private final int[] right;
  private final float[] weights;
  private final LeafTable table;

  /**
   * Checks and flattens trees.
   *
   * @param trees each a list of nodes that form a tree with the first node as its root
   * @throws InvalidModelException naming the invalid tree and node
   */
  public static Forest of(
      Precision precision, int featureCount, int classCount, List<List<Node>> trees)
      throws InvalidModelException {
    if (featureCount < 1) {
      throw new InvalidModelException("a forest needs at least one feature");
    }
    if (classCount < 2 || classCount > MAX_CLASSES) {
      throw new InvalidModelException(
          "a forest needs 2 to " + MAX_CLASSES + " classes, this one has " + classCount);
    }
    if (trees.isEmpty()) {
      throw new InvalidModelException("a forest needs at least one tree");
    }
    for (int t = 0; t < trees.size(); t++) {
      requireTree("tree " + t, trees.get(t), featureCount, classCount);
    }
    return new Forest(precision, featureCount, classCount, trees);
  }

  private Forest(Precision precision, int featureCount, int classCount, List<List<Node>> trees) {
    this.precision = precision;
    this.featureCount = featureCount;
    this.classCount = classCount;
    this.table = LeafTable.of(precision, featureCount, classCount, trees);
    int nodes = trees.stream().mapToInt(List::size).sum();
    long leaves = trees.stream().flatMap(List::stream).filter(n -> n instanceof Node.Leaf).count();
    roots = new int[trees.size()];
    feature = new int[nodes];
    threshold = new float[nodes];
    missingGoesLeft = new boolean[nodes];
    left = new int[nodes];
    right = new int[nodes];
    weights = new float[Math.toIntExact(leaves * classCount)];
    int node = 0;
    int weight = 0;
    for (int t = 0; t < trees.size(); t++) {
      int root = node;
      roots[t] = root;
      for (Node each : trees.get(t)) {
        switch (each) {
          case Node.Split split -> {
            feature[node] = split.feature();
            threshold[node] = split.threshold();
            missingGoesLeft[node] = split.missingGoesLeft();
            left[node] = root + split.left();
            right[node] = root + split.right();
          }
          case Node.Leaf leaf -> {
            feature[node] = LEAF;
            left[node] = weight;
            for (float w : leaf.weights()) {
              weights[weight++] = w;
            }
          }
        }
        node++;
      }
    }
  }

  /** Requires that nodes form a tree with the first one as its root. */
  static void requireTree(String name, List<Node> nodes, int featureCount, int classCount)
      throws InvalidModelException {
    if (nodes.isEmpty()) {
      throw new InvalidModelException(name + " has no nodes");
    }
    int[] parents = new int[nodes.size()];
    for (int n = 0; n < nodes.size(); n++) {
      String node = name + " node " + n;
      switch (nodes.get(n)) {
        case Node.Split(int f, float t, boolean _, int l, int r) -> {
          if (f < 0 || f >= featureCount) {
            throw new InvalidModelException(
                node + " splits on feature " + f + ", the features are 0 to " + (featureCount - 1));
          }
          if (Float.isNaN(t)) {
            throw new InvalidModelException(node + " has the threshold NaN");
          }
          for (int child : new int[] {l, r}) {
            if (child < 0 || child >= nodes.size()) {
              throw new InvalidModelException(
                  node + " has child " + child + ", which does not exist");
            }
            parents[child]++;
          }
        }
        case Node.Leaf(List<Float> w) -> requireWeights(node, w, classCount);
      }
    }
    // Every node but the root has one parent: only a cycle apart from the root is left to rule
    // out.
    for (int n = 0; n < nodes.size(); n++) {
      if (parents[n] != (n == 0 ? 0 : 1)) {
        throw new InvalidModelException(
            name
                + " node "
                + n
                + " has "
                + parents[n]
                + " parents, so this is not a tree with node 0 as its root");
      }
    }
    int reached = 0;
    int[] pending = new int[nodes.size()];
    int top = 1;
    while (top > 0) {
      reached++;
      if (nodes.get(pending[--top]) instanceof Node.Split split) {
        pending[top++] = split.right();
        pending[top++] = split.left();
      }
    }
    if (reached != nodes.size()) {
      throw new InvalidModelException(name + " has a cycle of nodes that its root does not reach");
    }
  }

  private static void requireWeights(String leaf, List<Float> weights, int classCount)
      throws InvalidModelException {
    if (weights.size() != classCount) {
      throw new InvalidModelException(
          leaf + " has " + weights.size() + " weights for " + classCount + " classes");
    }
    boolean positive = false;
    for (float w : weights) {
      // NaN fails this form of the comparison, too.
      if (!(w >= 0 && w <= Float.MAX_VALUE)) {
        throw new InvalidModelException(
            leaf + " has weight " + w + ", weights must be finite and at least 0");
      }
      positive |= w > 0;
    }
    if (!positive) {
      throw new InvalidModelException(leaf + " has only zero weights");
    }
  }

  /**
   * The forest with its features in another order.
   *
   * @param to the new position of each feature
   */
  Forest withFeatures(List<Integer> to) {
    return new Forest(
        precision,
        featureCount,
        classCount,
        trees().stream()
            .map(tree -> tree.stream().map(node -> withFeatures(node, to)).toList())
            .toList());
  }

  private static Node withFeatures(Node node, List<Integer> to) {
    return node instanceof Node.Split(int f, float threshold, boolean missing, int l, int r)
        ? new Node.Split(to.get(f), threshold, missing, l, r)
        : node;
  }

  LeafTable table() {
    return table;
  }

  public Precision precision() {
    return precision;
  }

  public int featureCount() {
    return featureCount;
  }

  public int classCount() {
    return classCount;
  }

  public int treeCount() {
    return roots.length;
  }

  public int nodeCount() {
    return feature.length;
  }

  /**
   * Evaluates one row with simple code; {@link Evaluator} gives the same results faster.
   *
   * @param row {@link #featureCount()} values, rounded to float32 first if that is the input's
   *     precision
   * @param probabilities receives {@link #classCount()} values
   * @return the index of the predicted class
   */
  public int predict(double[] row, float[] probabilities) {
    double[] scores = new double[classCount];
    boolean rounds = precision == Precision.FLOAT32;
    for (int root : roots) {
      int leaf = left[leafOf(root, row, rounds)];
      for (int c = 0; c < classCount; c++) {
        double sum = scores[c] + weights[leaf + c];
        // Rounding the exact double sum of two floats is the float sum.
        scores[c] = rounds ? (float) sum : sum;
      }
    }
    int best = 0;
    for (int c = 0; c < classCount; c++) {
      probabilities[c] = (float) scores[c];
      if (scores[c] > scores[best]) {
        best = c;
      }
    }
    return best;
  }

  private int leafOf(int root, double[] row, boolean rounds) {
    int node = root;
    int f;
    while ((f = feature[node]) != LEAF) {
      double value = rounds ? (float) row[f] : row[f];
      boolean goesLeft = value <= threshold[node] || (Double.isNaN(value) && missingGoesLeft[node]);
      node = goesLeft ? left[node] : right[node];
    }
    return node;
  }

  /** The trees that this forest was created from. */
  public List<List<Node>> trees() {
    List<List<Node>> trees = new ArrayList<>(roots.length);
    for (int t = 0; t < roots.length; t++) {
      int end = t + 1 < roots.length ? roots[t + 1] : feature.length;
      List<Node> nodes = new ArrayList<>(end - roots[t]);
      for (int n = roots[t]; n < end; n++) {
        nodes.add(node(n, roots[t]));
      }
      trees.add(List.copyOf(nodes));
    }
    return List.copyOf(trees);
  }

  private Node node(int n, int root) {
    if (feature[n] != LEAF) {
      return new Node.Split(
          feature[n], threshold[n], missingGoesLeft[n], left[n] - root, right[n] - root);
    }
    List<Float> leaf = new ArrayList<>(classCount);
    for (int c = 0; c < classCount; c++) {
      leaf.add(weights[left[n] + c]);
    }
    return new Node.Leaf(leaf);
  }
}
