package io.irisoperator.operator.apply;

import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.decide.Decision;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.net.URI;

/**
 * What the dependents of one reconciliation need, in the SDK's context.
 *
 * @param trackingUri the MLflow server that the resource uses
 * @param canMonitor whether ServiceMonitors can be created: their CRD is installed
 */
public record ReconcileContext(
    Decision decision, URI trackingUri, WorkloadDefaults defaults, boolean canMonitor) {

  /** Puts it into the context. */
  public void putInto(Context<IrisModel> context) {
    context.managedWorkflowAndDependentResourceContext().put(ReconcileContext.class, this);
  }

  /** Gets it from the context. */
  public static ReconcileContext from(Context<IrisModel> context) {
    return context
        .managedWorkflowAndDependentResourceContext()
        .getMandatory(ReconcileContext.class, ReconcileContext.class);
  }
}
