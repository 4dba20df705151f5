package io.irisoperator.e2e;

/**
 * Tags of classes that do not run with the others but after them, each kind in an execution of its
 * own: see the profile all in pom.xml.
 */
final class Phase {
  /**
   * Classes that disturb others or are disturbed, one at a time, and beside them those that need no
   * cluster.
   */
  static final String EXCLUSIVE = "exclusive";

  /** What only one class at a time may use. */
  static final String CLUSTER = "cluster";

  /** Classes that mostly wait, many at a time. */
  static final String WAITING = "waiting";

  private Phase() {}
}
