package io.irisoperator.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.irisoperator.mlflow.MlflowException.Reason;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs, experiments and registered models of one MLflow server. Thread-safe. */
public final class MlflowClient implements AutoCloseable {
  private static final String API = "/api/2.0/mlflow/";

  private final MlflowHttp http;
  private final MlflowArtifacts artifacts;

  /**
   * A client for one server; no call is made yet.
   *
   * @param trackingUri http or https
   * @param timeout for connecting, and for the whole of each answer; ten times that for a file
   * @param credentials for a server that asks for them
   * @param calls is told of every call
   */
  public MlflowClient(
      URI trackingUri,
      Duration timeout,
      Optional<Credentials> credentials,
      MlflowCallListener calls) {
    this.http = new MlflowHttp(trackingUri, timeout, credentials, calls);
    this.artifacts = new MlflowArtifacts(http);
  }

  /** The artifacts of this server's runs. */
  public MlflowArtifacts artifacts() {
    return artifacts;
  }

  public Run run(String runId) throws MlflowException {
    return run(http.get(API + "runs/get", Map.of("run_id", runId)).path("run"));
  }

  /** The id of an experiment that is not deleted, by name. */
  public Optional<String> experimentId(String name) throws MlflowException {
    JsonNode experiment;
    try {
      experiment =
          http.get(API + "experiments/get-by-name", Map.of("experiment_name", name))
              .path("experiment");
    } catch (MlflowException e) {
      if (e.reason() == Reason.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
    boolean deleted = experiment.path("lifecycle_stage").asText().equals("deleted");
    return deleted ? Optional.empty() : Optional.of(experiment.path("experiment_id").asText());
  }

  /** The id of an experiment, made where it is not there yet. */
  public String experimentIdOrNew(String name) throws MlflowException {
    Optional<String> found = experimentId(name);
    if (found.isPresent()) {
      return found.get();
    }
    try {
      return http.post(API + "experiments/create", object().put("name", name))
          .path("experiment_id")
          .asText();
    } catch (MlflowException e) {
      // Somebody else may have made it in between.
      return experimentId(name).orElseThrow(() -> e);
    }
  }

  /**
   * An experiment's runs, the one that started last first.
   *
   * @param filter in MLflow's search syntax, such as {@code attributes.status = 'FINISHED'}
   * @param most how many at the most
   */
  public List<Run> searchRuns(String experimentId, String filter, int most) throws MlflowException {
    ObjectNode body =
        object().put("filter", filter).put("max_results", most).put("run_view_type", "ACTIVE_ONLY");
    body.putArray("experiment_ids").add(experimentId);
    body.putArray("order_by").add("attributes.start_time DESC");
    List<Run> runs = new ArrayList<>();
    for (JsonNode run : http.post(API + "runs/search", body).path("runs")) {
      runs.add(run(run));
    }
    return runs;
  }

  /**
   * A version of a registered model.
   *
   * @throws MlflowException with {@link Reason#NOT_FOUND} where there is no such model or version
   */
  public ModelVersion version(String model, String version) throws MlflowException {
    return version(
        http.get(API + "model-versions/get", Map.of("name", model, "version", version))
            .path("model_version"));
  }

  /**
   * The version of a registered model that has an alias.
   *
   * @throws MlflowException with {@link Reason#NOT_FOUND} where there is no such model or alias
   */
  public ModelVersion versionByAlias(String model, String alias) throws MlflowException {
    try {
      return version(
          http.get(API + "registered-models/alias", Map.of("name", model, "alias", alias))
              .path("model_version"));
    } catch (MlflowException e) {
      // An alias that is not there is a 400 to MLflow.
      if (e.reason() == Reason.REFUSED
          && e.getMessage().endsWith("alias " + alias + " not found.")) {
        throw new MlflowException(Reason.NOT_FOUND, e.getMessage(), e);
      }
      throw e;
    }
  }

  /**
   * Registers a run's model folder as the next version; the registered model is made if need be.
   */
  public ModelVersion register(String model, Run run, String artifactPath) throws MlflowException {
    try {
      http.get(API + "registered-models/get", Map.of("name", model));
    } catch (MlflowException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
      try {
        http.post(API + "registered-models/create", object().put("name", model));
      } catch (MlflowException refused) {
        // Somebody else may have made it in between.
        try {
          http.get(API + "registered-models/get", Map.of("name", model));
        } catch (MlflowException stillNotThere) {
          refused.addSuppressed(stillNotThere);
          throw refused;
        }
      }
    }
    return version(
        http.post(
                API + "model-versions/create",
                object()
                    .put("name", model)
                    .put("source", run.artifactUri() + "/" + artifactPath)
                    .put("run_id", run.runId()))
            .path("model_version"));
  }

  /** Moves an alias to a version; it is made if need be. */
  public void setAlias(ModelVersion version, String alias) throws MlflowException {
    http.post(
        API + "registered-models/alias",
        object().put("name", version.name()).put("alias", alias).put("version", version.version()));
  }

  public Run createRun(String experimentId, String name, Instant start, Map<String, String> tags)
      throws MlflowException {
    ObjectNode body =
        object()
            .put("experiment_id", experimentId)
            .put("run_name", name)
            .put("start_time", start.toEpochMilli());
    pairs(body.putArray("tags"), tags);
    return run(http.post(API + "runs/create", body).path("run"));
  }

  /** Logs all at once; a metric is logged at the time {@code at}, step 0. */
  public void log(
      String runId,
      Map<String, String> params,
      Map<String, Double> metrics,
      Map<String, String> tags,
      Instant at)
      throws MlflowException {
    ObjectNode body = object().put("run_id", runId);
    pairs(body.putArray("params"), params);
    pairs(body.putArray("tags"), tags);
    ArrayNode values = body.putArray("metrics");
    metrics.forEach(
        (key, value) ->
            values
                .addObject()
                .put("key", key)
                .put("value", value)
                .put("timestamp", at.toEpochMilli())
                .put("step", 0));
    http.post(API + "runs/log-batch", body);
  }

  public void end(String runId, RunStatus status, Instant end) throws MlflowException {
    http.post(
        API + "runs/update",
        object()
            .put("run_id", runId)
            .put("status", status.name())
            .put("end_time", end.toEpochMilli()));
  }

  @Override
  public void close() {
    http.close();
  }

  private static ObjectNode object() {
    return MlflowHttp.JSON.createObjectNode();
  }

  private static void pairs(ArrayNode array, Map<String, String> pairs) {
    pairs.forEach((key, value) -> array.addObject().put("key", key).put("value", value));
  }

  private static ModelVersion version(JsonNode version) {
    return new ModelVersion(
        version.path("name").asText(),
        version.path("version").asText(),
        version.path("run_id").asText(),
        version.path("source").asText(),
        version.path("status").asText("READY").equals("READY"));
  }

  private static Run run(JsonNode run) throws MlflowException {
    JsonNode info = run.path("info");
    JsonNode data = run.path("data");
    List<String> models = new ArrayList<>();
    run.path("outputs")
        .path("model_outputs")
        .forEach(output -> models.add(output.path("model_id").asText()));
    Map<String, Double> metrics = new HashMap<>();
    data.path("metrics")
        .forEach(m -> metrics.put(m.path("key").asText(), m.path("value").asDouble()));
    return new Run(
        info.path("run_id").asText(),
        info.path("experiment_id").asText(),
        status(info.path("status").asText()),
        info.path("lifecycle_stage").asText().equals("deleted"),
        info.path("artifact_uri").asText(),
        Optional.of(info.path("end_time").asLong()).filter(t -> t > 0).map(Instant::ofEpochMilli),
        texts(data.path("params")),
        metrics,
        texts(data.path("tags")),
        models);
  }

  private static RunStatus status(String name) throws MlflowException {
    for (RunStatus status : RunStatus.values()) {
      if (status.name().equals(name)) {
        return status;
      }
    }
    throw new MlflowException(Reason.REFUSED, "MLflow says a run has the status '" + name + "'");
  }

  private static Map<String, String> texts(JsonNode pairs) {
    Map<String, String> texts = new HashMap<>();
    pairs.forEach(pair -> texts.put(pair.path("key").asText(), pair.path("value").asText()));
    return texts;
  }
}
