package io.irisoperator.operator.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeapGrowthTest {
  @ParameterizedTest
  @CsvSource({
    // Megabytes after the last collection, and now.
    "0,   20,  0",
    "0,   30,  1",
    "40,  60,  0",
    "40,  70,  1",
    "200, 255, 0",
    "200, 265, 1",
  })
  void collectsWhatHasGrown(long collected, long used, int collections) {
    AtomicInteger count = new AtomicInteger();
    new HeapGrowth(pool(collected << 20, used << 20), count::incrementAndGet).run();
    assertThat(count).hasValue(collections);
  }

  private static MemoryPoolMXBean pool(long collected, long used) {
    return (MemoryPoolMXBean)
        Proxy.newProxyInstance(
            HeapGrowthTest.class.getClassLoader(),
            new Class<?>[] {MemoryPoolMXBean.class},
            (_, method, _) ->
                new MemoryUsage(
                    0,
                    method.getName().equals("getCollectionUsage") ? collected : used,
                    512L << 20,
                    512L << 20));
  }
}
