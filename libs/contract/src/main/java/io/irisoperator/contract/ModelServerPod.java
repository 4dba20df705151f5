package io.irisoperator.contract;

/** How a model server's pod is recognized. */
public final class ModelServerPod {
  /** The annotation with the id of the revision that the pod is of. */
  public static final String REVISION = "iris-operator.io/revision";

  /** The name of the container. */
  public static final String CONTAINER = "model-server";

  private ModelServerPod() {}
}
