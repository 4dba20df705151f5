package io.irisoperator.model;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The nodes of a {@code TreeEnsembleClassifier} or {@code TreeEnsembleRegressor}, which are columns
 * of numbers.
 *
 * @param positions the row of each node
 * @param starts the row of each tree's first node
 */
record TreeTable(Attributes columns, Map<NodeKey, Integer> positions, List<Integer> starts) {
  private static final String LEAF = "LEAF";

  /** The number of a tree, and that of a node in it. */
  record NodeKey(long tree, long node) {
    @Override
    public String toString() {
      return "tree " + tree + " node " + node;
    }
  }

  /** Gives the leaf in a row of the table. */
  interface Leaves {
    Node.Leaf leaf(int row, NodeKey key) throws InvalidModelException;
  }

  /**
   * Reads the table.
   *
   * @throws InvalidModelException if it has no nodes, or lists one twice
   */
  static TreeTable of(Attributes columns) throws InvalidModelException {
    long[] treeIds = columns.ints("nodes_treeids");
    int count = treeIds.length;
    long[] nodeIds = columns.ints("nodes_nodeids", count);
    if (count == 0) {
      throw new InvalidModelException("nodes_treeids is empty: a forest needs at least one tree");
    }
    if (count > Integer.MAX_VALUE / Forest.MAX_CLASSES) {
      throw new InvalidModelException(count + " nodes are too many");
    }
    Map<NodeKey, Integer> positions = HashMap.newHashMap(count);
    List<Integer> starts = new ArrayList<>();
    Set<Long> seen = new HashSet<>();
    for (int row = 0; row < count; row++) {
      if (row == 0 || treeIds[row] != treeIds[row - 1]) {
        if (!seen.add(treeIds[row])) {
          throw new InvalidModelException(
              "tree " + treeIds[row] + " is not listed in consecutive rows");
        }
        starts.add(row);
      }
      if (positions.put(new NodeKey(treeIds[row], nodeIds[row]), row) != null) {
        throw new InvalidModelException(
            "tree %d lists node %d twice".formatted(treeIds[row], nodeIds[row]));
      }
    }
    return new TreeTable(columns, positions, starts);
  }

  int size() {
    return positions.size();
  }

  /** Whether every node is a leaf or compares with {@code <=}. */
  static boolean comparesOnlyLeq(Attributes columns) {
    return columns.strings("nodes_modes").stream()
        .map(ByteString::toStringUtf8)
        .allMatch(mode -> mode.equals(LEAF) || mode.equals("BRANCH_LEQ"));
  }

  /**
   * The nodes of each tree. Whether they form a tree is not checked.
   *
   * @throws InvalidModelException if columns differ in length, or a child does not exist
   */
  List<List<Node>> trees(Leaves leaves) throws InvalidModelException {
    int count = size();
    long[] treeIds = columns.ints("nodes_treeids");
    long[] nodeIds = columns.ints("nodes_nodeids");
    long[] featureIds = columns.ints("nodes_featureids", count);
    float[] thresholds =
        columns.has("nodes_values_as_tensor")
            ? new float[count]
            : columns.floats("nodes_values", count);
    long[] lefts = columns.ints("nodes_truenodeids", count);
    long[] rights = columns.ints("nodes_falsenodeids", count);
    long[] missing =
        columns.has("nodes_missing_value_tracks_true")
            ? columns.ints("nodes_missing_value_tracks_true", count)
            : new long[count];
    List<ByteString> modes = columns.strings("nodes_modes");
    Attributes.requireLength("nodes_modes", modes.size(), count);

    List<List<Node>> trees = new ArrayList<>(starts.size());
    for (int s = 0; s < starts.size(); s++) {
      int start = starts.get(s);
      int end = s + 1 < starts.size() ? starts.get(s + 1) : count;
      List<Node> nodes = new ArrayList<>(end - start);
      for (int row = start; row < end; row++) {
        NodeKey key = new NodeKey(treeIds[row], nodeIds[row]);
        nodes.add(
            modes.get(row).toStringUtf8().equals(LEAF)
                ? leaves.leaf(row, key)
                : new Node.Split(
                    intOrNegative(featureIds[row]),
                    thresholds[row],
                    missing[row] != 0,
                    child(key, lefts[row]) - start,
                    child(key, rights[row]) - start));
      }
      trees.add(nodes);
    }
    return trees;
  }

  private int child(NodeKey parent, long child) throws InvalidModelException {
    Integer position = positions.get(new NodeKey(parent.tree(), child));
    if (position == null) {
      throw new InvalidModelException(parent + " has child " + child + ", which does not exist");
    }
    return position;
  }

  /** A value out of range for an int is no feature: the forest rejects -1 and names the node. */
  private static int intOrNegative(long value) {
    return value == (int) value ? (int) value : -1;
  }
}
