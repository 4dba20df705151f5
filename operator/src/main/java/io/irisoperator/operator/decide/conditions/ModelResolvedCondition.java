package io.irisoperator.operator.decide.conditions;

import io.irisoperator.operator.api.PinnedModel;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.state.Resolution.Resolved;
import io.irisoperator.operator.state.Resolution.Skipped;
import io.irisoperator.operator.state.Resolution.Unresolved;

/** MLflow has the selected model, and it can be served. */
final class ModelResolvedCondition {
  private ModelResolvedCondition() {}

  static ConditionValue of(Situation s) {
    return switch (s.resolution()) {
      case Resolved(PinnedModel model, var _) ->
          ConditionValue.isTrue(Reason.RESOLVED, resolved(model) + manualRollback(s));
      case Unresolved(Reason reason, String message) ->
          ConditionValue.isFalse(reason, message + stillServing(s));
      case Skipped _ -> throw new IllegalStateException("rollout.rollbackTo was not resolved");
    };
  }

  private static String resolved(PinnedModel model) {
    String version =
        model.registeredModel() == null
            ? ""
            : "version %s of registered model '%s', "
                .formatted(model.version(), model.registeredModel());
    return "%srun %s, digest %s".formatted(version, model.runId(), model.digest());
  }

  private static String manualRollback(Situation s) {
    return s.observation().spec().rollout().rollbackTo() == null
        ? ""
        : ", selected by rollout.rollbackTo: remove it to follow spec.model again";
  }

  private static String stillServing(Situation s) {
    return s.servedBefore().map(model -> "; still serving run " + model.runId()).orElse("");
  }
}
