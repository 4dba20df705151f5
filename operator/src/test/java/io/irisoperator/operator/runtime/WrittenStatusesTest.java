package io.irisoperator.operator.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.irisoperator.operator.Resources;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelStatus;
import org.junit.jupiter.api.Test;

class WrittenStatusesTest {
  private final WrittenStatuses written = new WrittenStatuses();
  private final IrisModel cached = Resources.irisModel("{model: {runId: " + Resources.RUN + "}}");

  private static IrisModelStatus status(int readyReplicas) {
    return new IrisModelStatus(
        null, null, null, null, 1, readyReplicas, null, null, null, null, null);
  }

  /** Ready, not ready, ready: the cache still has the first one when the last is decided. */
  @Test
  void writesAStatusAgainThatTheCacheStillHasFromBefore() {
    cached.setStatus(status(1));
    assertThat(written.isNew(cached, status(1))).isFalse();
    assertThat(written.isNew(cached, status(0))).isTrue();
    written.write(cached, status(0));
    assertThat(written.isNew(cached, status(1))).isTrue();
    written.write(cached, status(1));
    assertThat(written.isNew(cached, status(1))).isFalse();
  }
}
