package io.irisoperator.mlflow;

import static io.irisoperator.mlflow.TrackingApi.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.irisoperator.mlflow.MlflowException.Reason;
import java.net.ProxySelector;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs, experiments, logged models and registered models of one MLflow server. Thread-safe. */
public final class MlflowClient implements AutoCloseable {
  private final MlflowHttp http;
  private final TrackingApi api;
  private final MlflowArtifacts artifacts;

  /**
   * A client for one server; nothing is called yet.
   *
   * @param timeout for the whole of each call; ten times that for a file
   * @param proxies that lead to the server
   * @param listener is notified of every call
   */
  public MlflowClient(
      Connection connection, Duration timeout, ProxySelector proxies, MlflowCallListener listener) {
    this.http = new MlflowHttp(connection, timeout, proxies, listener);
    this.api = new TrackingApi(http);
    this.artifacts = new MlflowArtifacts(http);
  }

  /** How it reaches its server. */
  public Connection connection() {
    return http.connection();
  }

  /** The artifacts of this server's runs. */
  public MlflowArtifacts artifacts() {
    return artifacts;
  }

  public Run run(String runId) throws MlflowException {
    return run(api.get("runs/get", Map.of("run_id", runId)).path("run"));
  }

  /** The id of an experiment that is not deleted, by name. */
  public Optional<String> experimentId(String name) throws MlflowException {
    try {
      JsonNode experiment =
          api.get("experiments/get-by-name", Map.of("experiment_name", name)).path("experiment");
      return experiment.path("lifecycle_stage").asText().equals("deleted")
          ? Optional.empty()
          : Optional.of(experiment.path("experiment_id").asText());
    } catch (MlflowException e) {
      if (e.reason() == Reason.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** The id of an experiment, which is created if it does not exist. */
  public String experimentIdOrNew(String name) throws MlflowException {
    Optional<String> found = experimentId(name);
    if (found.isPresent()) {
      return found.get();
    }
    try {
      return api.post("experiments/create", object().put("name", name))
          .path("experiment_id")
          .asText();
    } catch (MlflowException e) {
      // Another client may have created it in between.
      return experimentId(name).orElseThrow(() -> e);
    }
  }

  /** Sets a tag of an experiment unless the experiment has it already, with whatever value. */
  public void setExperimentTagIfAbsent(String experimentId, String key, String value)
      throws MlflowException {
    JsonNode tags =
        api.get("experiments/get", Map.of("experiment_id", experimentId))
            .path("experiment")
            .path("tags");
    if (!texts(tags).containsKey(key)) {
      api.post(
          "experiments/set-experiment-tag",
          object().put("experiment_id", experimentId).put("key", key).put("value", value));
    }
  }

  /**
   * An experiment's runs, latest start first.
   *
   * @param filter in MLflow's search syntax, such as {@code attributes.status = 'FINISHED'}
   * @param max the maximum number of runs
   */
  public List<Run> searchRuns(String experimentId, String filter, int max) throws MlflowException {
    ObjectNode body =
        object().put("filter", filter).put("max_results", max).put("run_view_type", "ACTIVE_ONLY");
    body.putArray("experiment_ids").add(experimentId);
    body.putArray("order_by").add("attributes.start_time DESC");
    List<Run> runs = new ArrayList<>();
    for (JsonNode run : api.post("runs/search", body).path("runs")) {
      runs.add(run(run));
    }
    return runs;
  }

  /**
   * The runs of an experiment's logged models of a name, latest model first; empty for a server
   * older than MLflow 3.
   *
   * @param max the maximum number of models
   */
  public List<String> runsOfLoggedModels(String experimentId, String name, int max)
      throws MlflowException {
    ObjectNode body = object().put("filter", "name = '%s'".formatted(name)).put("max_results", max);
    body.putArray("experiment_ids").add(experimentId);
    body.putArray("order_by")
        .addObject()
        .put("field_name", "creation_timestamp")
        .put("ascending", false);
    try {
      List<String> runs = new ArrayList<>();
      for (JsonNode model : api.post("logged-models/search", body).path("models")) {
        String run = model.path("info").path("source_run_id").asText();
        if (!run.isEmpty() && !runs.contains(run)) {
          runs.add(run);
        }
      }
      return runs;
    } catch (MlflowException e) {
      if (e.reason() == Reason.NO_ENDPOINT) {
        return List.of();
      }
      throw e;
    }
  }

  /**
   * A version of a registered model.
   *
   * @throws MlflowException with {@link Reason#NOT_FOUND} if the model or the version does not
   *     exist
   */
  public ModelVersion version(String model, String version) throws MlflowException {
    return version(
        api.get("model-versions/get", Map.of("name", model, "version", version))
            .path("model_version"));
  }

  /**
   * The version of a registered model that has an alias.
   *
   * @throws MlflowException with {@link Reason#NOT_FOUND} if the model or the alias does not exist
   */
  public ModelVersion versionByAlias(String model, String alias) throws MlflowException {
    try {
      return version(
          api.get("registered-models/alias", Map.of("name", model, "alias", alias))
              .path("model_version"));
    } catch (MlflowException e) {
      // MLflow answers 400 if the alias does not exist.
      if (e.reason() == Reason.REJECTED
          && e.getMessage().endsWith("alias " + alias + " not found.")) {
        throw new MlflowException(Reason.NOT_FOUND, e.getMessage(), e);
      }
      throw e;
    }
  }

  /**
   * Has MLflow tell a URL when an alias of a registered model moves or a version is added. A
   * webhook of the same name is changed.
   *
   * @param secret that MLflow signs with
   */
  public void registerWebhook(String name, URI url, String secret) throws MlflowException {
    ObjectNode body =
        object()
            .put("name", name)
            .put("url", url.toString())
            .put("secret", secret)
            .put("status", "ACTIVE");
    ArrayNode events = body.putArray("events");
    events.addObject().put("entity", "MODEL_VERSION").put("action", "CREATED");
    events.addObject().put("entity", "MODEL_VERSION_ALIAS").put("action", "CREATED");
    events.addObject().put("entity", "MODEL_VERSION_ALIAS").put("action", "DELETED");
    Optional<String> id = webhookId(name);
    if (id.isPresent()) {
      api.patch("webhooks/" + id.get(), body);
    } else {
      api.post("webhooks", body);
    }
  }

  private Optional<String> webhookId(String name) throws MlflowException {
    Map<String, String> query = new HashMap<>(Map.of("max_results", "100"));
    do {
      JsonNode page = api.get("webhooks", query);
      for (JsonNode webhook : page.path("webhooks")) {
        if (webhook.path("name").asText().equals(name)) {
          return Optional.of(webhook.path("webhook_id").asText());
        }
      }
      query.put("page_token", page.path("next_page_token").asText());
    } while (!query.get("page_token").isEmpty());
    return Optional.empty();
  }

  /**
   * Registers a run's model folder as the next version of a registered model, which is created if
   * it does not exist.
   *
   * @param artifactPath the model's name in the run
   */
  public ModelVersion register(String model, Run run, String artifactPath) throws MlflowException {
    requireRegisteredModel(model);
    ObjectNode body = object().put("name", model).put("run_id", run.runId());
    Optional<LoggedModel> logged = artifacts.loggedModel(run, artifactPath);
    if (logged.isPresent()) {
      body.put("source", "models:/" + logged.get().modelId());
      body.put("model_id", logged.get().modelId());
    } else {
      body.put("source", run.artifactUri() + "/" + artifactPath);
    }
    return version(api.post("model-versions/create", body).path("model_version"));
  }

  private void requireRegisteredModel(String model) throws MlflowException {
    if (hasRegisteredModel(model)) {
      return;
    }
    try {
      api.post("registered-models/create", object().put("name", model));
    } catch (MlflowException e) {
      // Another client may have created it in between.
      if (!hasRegisteredModel(model)) {
        throw e;
      }
    }
  }

  private boolean hasRegisteredModel(String model) throws MlflowException {
    try {
      api.get("registered-models/get", Map.of("name", model));
      return true;
    } catch (MlflowException e) {
      if (e.reason() == Reason.NOT_FOUND) {
        return false;
      }
      throw e;
    }
  }

  /** Moves an alias to a version; the alias is created if it does not exist. */
  public void setAlias(ModelVersion version, String alias) throws MlflowException {
    api.post(
        "registered-models/alias",
        object().put("name", version.name()).put("alias", alias).put("version", version.version()));
  }

  public Run createRun(String experimentId, String name, Instant start, Map<String, String> tags)
      throws MlflowException {
    ObjectNode body =
        object()
            .put("experiment_id", experimentId)
            .put("run_name", name)
            .put("start_time", start.toEpochMilli());
    body.set("tags", pairs(tags));
    return run(api.post("runs/create", body).path("run"));
  }

  /** Logs all of them in one call; each metric at the time {@code at}, step 0. */
  public void log(
      String runId,
      Map<String, String> params,
      Map<String, Double> metrics,
      Map<String, String> tags,
      Instant at)
      throws MlflowException {
    ObjectNode body = object().put("run_id", runId);
    ArrayNode values = body.putArray("metrics");
    metrics.forEach((key, value) -> metric(values.addObject(), key, value, at));
    body.set("params", pairs(params));
    body.set("tags", pairs(tags));
    api.post("runs/log-batch", body);
  }

  private static ObjectNode metric(ObjectNode into, String key, double value, Instant at) {
    return into.put("key", key)
        .put("value", value)
        .put("timestamp", at.toEpochMilli())
        .put("step", 0);
  }

  public void end(String runId, RunStatus status, Instant end) throws MlflowException {
    api.post(
        "runs/update",
        object()
            .put("run_id", runId)
            .put("status", status.name())
            .put("end_time", end.toEpochMilli()));
  }

  /** Logs the data sets that a run read. */
  public void logInputs(String runId, List<DatasetInput> inputs) throws MlflowException {
    ObjectNode body = object().put("run_id", runId);
    ArrayNode datasets = body.putArray("datasets");
    for (DatasetInput input : inputs) {
      ObjectNode dataset = datasets.addObject();
      dataset
          .putArray("tags")
          .addObject()
          .put("key", "mlflow.data.context")
          .put("value", input.context());
      dataset
          .putObject("dataset")
          .put("name", input.name())
          .put("digest", input.digest())
          .put("source_type", input.sourceType())
          .put("source", input.source())
          .put("schema", input.schema())
          .put("profile", input.profile());
    }
    api.post("runs/log-inputs", body);
  }

  /**
   * Creates a logged model; {@link #finishLoggedModel} makes it usable once its files are uploaded.
   *
   * @param run that the model comes from
   * @throws MlflowException with {@link Reason#NO_ENDPOINT} if the server is older than MLflow 3
   */
  public LoggedModel createLoggedModel(Run run, String name, Map<String, String> params)
      throws MlflowException {
    ObjectNode body =
        object()
            .put("experiment_id", run.experimentId())
            .put("name", name)
            .put("source_run_id", run.runId());
    body.set("params", pairs(params));
    JsonNode info = api.post("logged-models", body).path("model").path("info");
    if (!info.hasNonNull("model_id") || !info.hasNonNull("artifact_uri")) {
      throw new MlflowException(Reason.NO_ENDPOINT, "MLflow created no logged model");
    }
    return new LoggedModel(info.get("model_id").asText(), info.get("artifact_uri").asText());
  }

  /** Logs metrics of a run's logged model on a data set; they become the run's metrics, too. */
  public void logMetrics(
      Run run, LoggedModel model, DatasetInput dataset, Map<String, Double> metrics, Instant at)
      throws MlflowException {
    ObjectNode body = object().put("run_id", run.runId());
    ArrayNode values = body.putArray("metrics");
    metrics.forEach(
        (key, value) ->
            metric(values.addObject(), key, value, at)
                .put("model_id", model.modelId())
                .put("dataset_name", dataset.name())
                .put("dataset_digest", dataset.digest()));
    api.post("runs/log-batch", body);
  }

  /** Marks a logged model as ready and links it to its run as an output. */
  public void finishLoggedModel(Run run, LoggedModel model) throws MlflowException {
    setStatus(model, "LOGGED_MODEL_READY");
    ObjectNode body = object().put("run_id", run.runId());
    body.putArray("models").addObject().put("model_id", model.modelId()).put("step", 0);
    api.post("runs/outputs", body);
  }

  /** Marks a logged model as failed, as its files could not be uploaded. */
  public void failLoggedModel(LoggedModel model) throws MlflowException {
    setStatus(model, "LOGGED_MODEL_UPLOAD_FAILED");
  }

  private void setStatus(LoggedModel model, String status) throws MlflowException {
    api.patch(
        "logged-models/" + model.modelId(),
        object().put("model_id", model.modelId()).put("status", status));
  }

  @Override
  public void close() {
    http.close();
  }

  private static ArrayNode pairs(Map<String, String> texts) {
    ArrayNode pairs = JsonNodeFactory.instance.arrayNode();
    texts.forEach((key, value) -> pairs.addObject().put("key", key).put("value", value));
    return pairs;
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
    throw new MlflowException(
        Reason.REJECTED, "MLflow reports the unknown run status '" + name + "'");
  }

  private static Map<String, String> texts(JsonNode pairs) {
    Map<String, String> texts = new HashMap<>();
    pairs.forEach(pair -> texts.put(pair.path("key").asText(), pair.path("value").asText()));
    return texts;
  }
}
