package io.irisoperator.trainer;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.irisoperator.contract.TrainerExitCode;
import io.irisoperator.evaluation.data.InvalidDataException;
import io.irisoperator.mlflow.MlflowCallListener;
import io.irisoperator.mlflow.MlflowClient;
import io.irisoperator.mlflow.MlflowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The program. Exits with 0 after a finished run, with 1 when trying again may help, with 2 when
 * only other data or settings would.
 */
public final class Main {
  private static final Logger LOG = LoggerFactory.getLogger(Main.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private Main() {}

  /** Trains once, as the environment says. */
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
            config.trackingUri(), TIMEOUT, config.credentials(), MlflowCallListener.NOOP)) {
      Training training = new Training(config, mlflow, Clock.systemUTC());
      Runtime.getRuntime()
          .addShutdownHook(new Thread(() -> training.fail("the trainer was stopped")));
      Training.Result result = training.run();
      lastWord(config.terminationLog(), told(result));
      LOG.info("run {} is FINISHED", result.runId());
      return 0;
    } catch (InvalidDataException e) {
      return failed(config, e, TrainerExitCode.NON_RETRYABLE);
    } catch (MlflowException e) {
      // What MLflow has understood and refused it refuses again.
      return failed(
          config,
          e,
          e.reason() == MlflowException.Reason.REFUSED
              ? TrainerExitCode.NON_RETRYABLE
              : TrainerExitCode.RETRYABLE);
    } catch (IOException | RuntimeException e) {
      return failed(config, e, TrainerExitCode.RETRYABLE);
    }
  }

  /** For the operator, which reads the termination message. */
  private static String told(Training.Result result) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("runId", result.runId());
    json.put("testAccuracy", result.test().accuracy());
    json.put("testF1", result.test().f1());
    result
        .version()
        .ifPresent(
            version ->
                json.put("registeredModel", version.name())
                    .put("version", version.version())
                    .put("aliasMoved", result.aliasMoved()));
    return json.toString();
  }

  private static int failed(TrainingConfig config, Exception e, int exitCode) {
    LOG.error("training failed", e);
    lastWord(config.terminationLog(), e.getMessage() == null ? e.toString() : e.getMessage());
    return exitCode;
  }

  /** Kubernetes shows this as the container's termination message. */
  private static void lastWord(Path terminationLog, String text) {
    try {
      Files.writeString(terminationLog, text);
    } catch (IOException e) {
      LOG.warn("{} cannot be written: {}", terminationLog, e.toString());
    }
  }
}
