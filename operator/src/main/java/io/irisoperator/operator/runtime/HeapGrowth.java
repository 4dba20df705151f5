package io.irisoperator.operator.runtime;

import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;

/**
 * Keeps the heap near what is in use. Java's serial collector lets the old generation grow to the
 * heap's limit before it looks for what is not used any more, and the limit leaves room for several
 * thousand IrisModels. G1 does it by itself, with twice the CPU and more memory of its own.
 */
public final class HeapGrowth implements Runnable {
  private static final long MIN_GROWTH_BYTES = 24 << 20;

  /** A collection takes time in proportion to what is in use. */
  private static final double MIN_GROWTH = 0.3;

  private final MemoryPoolMXBean oldGeneration;
  private final Runnable collect;

  /**
   * A check of one pool.
   *
   * @param oldGeneration the pool of what lives long
   * @param collect collects it, such as {@link System#gc}
   */
  public HeapGrowth(MemoryPoolMXBean oldGeneration, Runnable collect) {
    this.oldGeneration = oldGeneration;
    this.collect = collect;
  }

  /** Collects if the pool has grown since its last collection. To be called every few seconds. */
  @Override
  public void run() {
    MemoryUsage collected = oldGeneration.getCollectionUsage();
    long growth = oldGeneration.getUsage().getUsed() - collected.getUsed();
    if (growth > Math.max(MIN_GROWTH_BYTES, collected.getUsed() * MIN_GROWTH)) {
      collect.run();
    }
  }
}
