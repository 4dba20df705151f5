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

  /**
   * Classes under load, three at a time, and the one that replaces the stack. With five at a time,
   * when a start took four times the CPU, a request was lost: the processors were busy for seconds.
   */
  static final String UNDER_LOAD = "under-load";

  private Phase() {}
}
