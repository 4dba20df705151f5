package io.irisoperator.operator.rollout;

import io.irisoperator.operator.api.PinnedModel;
import java.time.Instant;

/**
 * A revision that was rolled back. It is retried when the source resolves to another model or the
 * spec changes.
 *
 * @param id the id of the revision
 * @param spec a fingerprint of the spec that it was created from
 * @param message why it was rolled back
 * @param time when it was rolled back
 */
public record FailedRevision(
    String id, String spec, PinnedModel model, String message, Instant time) {}
