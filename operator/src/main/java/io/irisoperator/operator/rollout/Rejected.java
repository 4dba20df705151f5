package io.irisoperator.operator.rollout;

import io.irisoperator.operator.api.IrisModelStatus;
import java.time.Instant;

/**
 * A revision that was gone back from. It is not tried again until the source leads elsewhere or the
 * spec is changed.
 *
 * @param id the revision's
 * @param spec a fingerprint of what the resource asked for
 * @param message why
 * @param time when
 */
public record Rejected(
    String id, String spec, IrisModelStatus.Model model, String message, Instant time) {}
