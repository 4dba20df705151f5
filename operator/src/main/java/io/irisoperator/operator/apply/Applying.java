package io.irisoperator.operator.apply;

import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.decide.Decision;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.net.URI;

/**
 * What the dependents of one reconciliation work from, handed to them by way of the SDK's context.
 *
 * @param trackingUri the MLflow server that the resource uses
 */
public record Applying(Decision decision, URI trackingUri, Defaults defaults) {

  /** Hands it over. */
  public void to(Context<IrisModel> context) {
    context.managedWorkflowAndDependentResourceContext().put(Applying.class, this);
  }

  static Applying in(Context<IrisModel> context) {
    return context
        .managedWorkflowAndDependentResourceContext()
        .getMandatory(Applying.class, Applying.class);
  }
}
