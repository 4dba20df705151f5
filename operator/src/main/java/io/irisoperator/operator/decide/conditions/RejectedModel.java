package io.irisoperator.operator.decide.conditions;

import io.irisoperator.operator.api.PinnedModel;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.rollout.FailedRevision;
import io.irisoperator.operator.state.StoredModel;
import java.util.Optional;

/** Why a model that is requested and exists is not served. */
final class RejectedModel {
  private RejectedModel() {}

  /** Empty if it is served. */
  static Optional<ConditionValue> of(Situation s) {
    return s.failed()
        .map(failed -> rolledBack(s, failed))
        .or(
            () ->
                s.requested()
                    .filter(model -> !isServed(s, model))
                    .flatMap(model -> s.corruptRequested())
                    .map(RejectedModel::corrupt));
  }

  private static boolean isServed(Situation s, PinnedModel model) {
    return s.after().filter(a -> a.current().model().isSameModel(model)).isPresent();
  }

  private static ConditionValue rolledBack(Situation s, FailedRevision failed) {
    String message =
        isServed(s, failed.model())
            ? "the new pods of run %s were rolled back: %s; still serving run %s with the previous pods; retried when the model or the spec changes"
                .formatted(failed.model().runId(), failed.message(), s.run())
            : "run %s, digest %s, was rolled back to run %s: %s; retried when the model or the spec changes"
                .formatted(
                    failed.model().runId(), failed.model().digest(), s.run(), failed.message());
    return ConditionValue.isFalse(Reason.ROLLED_BACK, message);
  }

  static ConditionValue corrupt(StoredModel copy) {
    return ConditionValue.isFalse(
        Reason.STORED_MODEL_CORRUPT,
        "the stored model in ConfigMap %s has %s, not the digest %s: find out who changed it, and delete it to re-create it from MLflow"
            .formatted(
                String.join(", ", copy.configMaps()),
                copy.corruption().orElseThrow(),
                copy.digest()));
  }
}
