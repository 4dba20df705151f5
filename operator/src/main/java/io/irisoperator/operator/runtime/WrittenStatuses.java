package io.irisoperator.operator.runtime;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelStatus;
import java.time.Duration;
import java.util.Optional;

/**
 * The statuses that were written last. A cache that lags may still have the one before: a status
 * that is equal to that one must be written again. Thread-safe.
 */
public final class WrittenStatuses {
  /** Longer than a cache lags. */
  private static final Duration TTL = Duration.ofMinutes(2);

  /** By the uid of the IrisModel. */
  private final Cache<String, IrisModelStatus> written =
      Caffeine.newBuilder().expireAfterWrite(TTL).build();

  /**
   * Whether a status differs from the cached one or from the one that was written last.
   *
   * @param resource as the cache has it
   */
  public boolean isNew(IrisModel resource, IrisModelStatus status) {
    return !status.equals(resource.getStatus())
        || Optional.ofNullable(written.getIfPresent(resource.getMetadata().getUid()))
            .filter(last -> !last.equals(status))
            .isPresent();
  }

  /** Remembers a status that is about to be written. */
  public void write(IrisModel resource, IrisModelStatus status) {
    written.put(resource.getMetadata().getUid(), status);
  }
}
