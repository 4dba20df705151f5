package io.irisoperator.trainer;

import io.irisoperator.contract.TrainerExitCode;
import io.irisoperator.contract.TrainerResult;
import io.irisoperator.evaluation.data.InvalidDataException;
import io.irisoperator.mlflow.MlflowCallListener;
import io.irisoperator.mlflow.MlflowClient;
import io.irisoperator.mlflow.MlflowException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The program. It exits with 0 after a finished run, with 1 if a retry may help, and with 2 if only
 * other data or other settings help.
 */
public final class Main {
  private static final Logger LOG = LoggerFactory.getLogger(Main.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private Main() {}

  /** Trains once, with the settings of the environment. */
  public static void main(String[] arguments) {
    System.exit(run());
  }

  private static int run() {
    TrainingConfig config;
    try {
      config = TrainingConfig.from(System.getenv());
    } catch (IllegalArgumentException e) {
      LOG.error("{}", e.getMessage());
      return TrainerExitCode.NON_RETRYABLE;
    }
    try (MlflowClient mlflow =
        new MlflowClient(
            config.access().to(config.trackingUri()),
            TIMEOUT,
            config.proxies(),
            MlflowCallListener.NOOP)) {
      Training training = new Training(config, mlflow, Clock.systemUTC());
      Runtime.getRuntime()
          .addShutdownHook(new Thread(() -> training.fail("the trainer was stopped")));
      TrainerResult result = training.run();
      TerminationMessage.write(config.terminationLog(), TerminationMessage.of(result));
      LOG.info("run {} is FINISHED", result.runId());
      return 0;
    } catch (InvalidDataException e) {
      return failed(config, e, TrainerExitCode.NON_RETRYABLE);
    } catch (MlflowException e) {
      // MLflow rejects the same request again.
      return failed(
          config,
          e,
          e.reason() == MlflowException.Reason.REJECTED
              ? TrainerExitCode.NON_RETRYABLE
              : TrainerExitCode.RETRYABLE);
    } catch (IOException | RuntimeException e) {
      return failed(config, e, TrainerExitCode.RETRYABLE);
    }
  }

  private static int failed(TrainingConfig config, Exception e, int exitCode) {
    LOG.error("training failed", e);
    TerminationMessage.write(
        config.terminationLog(), e.getMessage() == null ? e.toString() : e.getMessage());
    return exitCode;
  }
}
