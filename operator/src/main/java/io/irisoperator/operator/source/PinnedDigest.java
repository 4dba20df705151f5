package io.irisoperator.operator.source;

import io.irisoperator.operator.api.PinnedModel;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.state.Resolution;
import io.irisoperator.operator.state.Resolution.Resolved;
import io.irisoperator.operator.state.Resolution.Unresolved;
import java.util.Optional;

/** The run that pods were created for must still have the same bytes. */
public final class PinnedDigest {
  private PinnedDigest() {}

  /** The same answer, unless it is the pinned model with other bytes. */
  public static Resolution check(Resolution resolution, Optional<PinnedModel> pinned) {
    return resolution instanceof Resolved(PinnedModel found, var _)
            && pinned.filter(p -> isSameFolder(p, found)).isPresent()
            && !found.digest().equals(pinned.get().digest())
        ? new Unresolved(
            Reason.DIGEST_MISMATCH,
            message(
                found.runId(),
                name(found),
                found.artifactUri(),
                found.digest(),
                pinned.get().digest()))
        : resolution;
  }

  private static boolean isSameFolder(PinnedModel pinned, PinnedModel found) {
    return pinned.runId().equals(found.runId())
        && found.artifactUri().equals(pinned.artifactUri())
        && found.trackingUri().equals(pinned.trackingUri());
  }

  private static String name(PinnedModel found) {
    return found.registeredModel() == null
        ? "artifact '%s'".formatted(found.artifactPath())
        : "version %s of registered model '%s'".formatted(found.version(), found.registeredModel());
  }

  /** The message for a folder whose digest is not the expected one. */
  static String message(
      String runId, String name, String folderUri, String digest, String expected) {
    return "run %s: the digest of %s in %s is %s, not %s: the files were changed after they were logged; log the model in a new run"
        .formatted(runId, name, folderUri, digest, expected);
  }
}
