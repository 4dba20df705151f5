package io.irisoperator.contract;

/** How the trainer's process ends. The Job's pod failure policy depends on it. */
public final class TrainerExitCode {
  /** A retry may help. */
  public static final int RETRYABLE = 1;

  /** Only other data or other settings help. */
  public static final int NON_RETRYABLE = 2;

  private TrainerExitCode() {}
}
