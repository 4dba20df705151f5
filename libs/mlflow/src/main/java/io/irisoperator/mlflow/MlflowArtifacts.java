package io.irisoperator.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import io.irisoperator.mlflow.MlflowException.Reason;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Artifacts that an MLflow server serves itself ({@code --artifacts-destination}), over HTTP, as
 * MLflow's Java client forks a Python program for artifacts. Thread-safe.
 */
public final class MlflowArtifacts implements AutoCloseable {
  private static final String SERVED = "/api/2.0/mlflow-artifacts/artifacts";
  private static final String LOGGED_MODELS = "/api/2.0/mlflow/logged-models/";

  // Operations, for the listener.
  private static final String ARTIFACTS = "mlflow-artifacts";
  private static final String LOGGED_MODEL = "logged-models";

  private static final Pattern SERVED_URI = Pattern.compile("mlflow-artifacts:(?://[^/]*)?/+(.+)");

  private static final Pattern RUN_SOURCE = Pattern.compile("runs:/[^/]+/(.+)");
  private static final Pattern MODEL_SOURCE = Pattern.compile("models:/(m-[^/]+)");

  /** A model folder has half a dozen files. */
  private static final int MAX_FILES = 100;

  private final MlflowHttp http;

  /**
   * The artifacts of one server; nothing is called yet.
   *
   * @param trackingUri http or https
   * @param timeout for connecting, and for the whole of each answer; ten times that for a file
   * @param credentials for a server with basic authentication
   * @param listener is notified of every call
   */
  public MlflowArtifacts(
      URI trackingUri,
      Duration timeout,
      Optional<Credentials> credentials,
      MlflowCallListener listener) {
    this.http = new MlflowHttp(trackingUri, timeout, credentials, listener);
  }

  /**
   * Finds a run's model folder: in the artifacts of a logged model, where MLflow 3's clients put
   * it, or in the run's own.
   *
   * @param path the model's name, such as {@code iris-model}
   * @return empty if there is no such folder
   */
  public Optional<ModelLocation> modelFolder(Run run, String path) throws MlflowException {
    // If both exist, the logged model wins, as for MLflow's own runs:/ URIs.
    Optional<LoggedModel> model = loggedModel(run, path);
    if (model.isPresent()) {
      return model.map(m -> new ModelLocation(path, m.artifactUri()));
    }
    return folder(path, run.artifactUri() + "/" + path);
  }

  /** A run's logged model by name, if it is ready; the latest of several. */
  Optional<LoggedModel> loggedModel(Run run, String name) throws MlflowException {
    for (String id : run.modelIds().reversed()) {
      Optional<JsonNode> info = readyModel(id);
      if (info.isPresent() && info.get().path("name").asText().equals(name)) {
        return info.map(i -> new LoggedModel(id, i.path("artifact_uri").asText()));
      }
    }
    return Optional.empty();
  }

  /**
   * Finds a registered version's model folder.
   *
   * @param run the version's run
   * @return empty if there is no such folder
   */
  public Optional<ModelLocation> modelFolder(ModelVersion version, Run run) throws MlflowException {
    Matcher ofRun = RUN_SOURCE.matcher(version.source());
    if (ofRun.matches()) {
      return modelFolder(run, ofRun.group(1));
    }
    Matcher ofModel = MODEL_SOURCE.matcher(version.source());
    if (ofModel.matches()) {
      return readyModel(ofModel.group(1))
          .map(
              info ->
                  new ModelLocation(
                      info.path("name").asText(), info.path("artifact_uri").asText()));
    }
    String source = version.source();
    return folder(source.substring(source.lastIndexOf('/') + 1), source);
  }

  private Optional<ModelLocation> folder(String name, String artifactUri) throws MlflowException {
    return list(servedPath(artifactUri)).isEmpty()
        ? Optional.empty()
        : Optional.of(new ModelLocation(name, artifactUri));
  }

  private Optional<JsonNode> readyModel(String id) throws MlflowException {
    try {
      return Optional.of(
              http.get(LOGGED_MODEL, LOGGED_MODELS + segment(id), Map.of())
                  .path("model")
                  .path("info"))
          .filter(info -> info.path("status").asText().equals("LOGGED_MODEL_READY"));
    } catch (MlflowException e) {
      if (e.reason() == Reason.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * Downloads a folder.
   *
   * @param maxBytes the limit for all files together
   * @return the files' bytes by path in the folder
   */
  public SortedMap<String, byte[]> download(String folderUri, long maxBytes)
      throws MlflowException {
    String folder = servedPath(folderUri);
    SortedMap<String, byte[]> files = new TreeMap<>();
    download(folder, "", maxBytes, files);
    if (files.isEmpty()) {
      throw new MlflowException(Reason.NOT_FOUND, folderUri + " has no files");
    }
    return files;
  }

  /** Uploads a file to a run's artifacts. */
  public void upload(Run run, String path, byte[] bytes) throws MlflowException {
    upload(run.artifactUri(), path, bytes);
  }

  /** Uploads a file to a logged model's folder. */
  public void upload(LoggedModel model, String path, byte[] bytes) throws MlflowException {
    upload(model.artifactUri(), path, bytes);
  }

  private void upload(String folderUri, String path, byte[] bytes) throws MlflowException {
    http.upload(ARTIFACTS, SERVED + "/" + encoded(servedPath(folderUri) + "/" + path), bytes);
  }

  @Override
  public void close() {
    http.close();
  }

  private void download(String root, String below, long maxBytes, SortedMap<String, byte[]> files)
      throws MlflowException {
    for (Map.Entry<String, Boolean> entry : list(root + below).entrySet()) {
      String path = below + "/" + entry.getKey();
      boolean isFolder = entry.getValue();
      if (files.size() >= MAX_FILES || path.length() > 1000) {
        throw new MlflowException(Reason.REJECTED, root + " has more than " + MAX_FILES + " files");
      }
      if (isFolder) {
        download(root, path, maxBytes, files);
      } else {
        long left = maxBytes - files.values().stream().mapToLong(bytes -> bytes.length).sum();
        files.put(
            path.substring(1), http.download(ARTIFACTS, SERVED + "/" + encoded(root + path), left));
      }
    }
  }

  /** Names in a folder, and whether each is a folder itself; empty if the folder does not exist. */
  private SortedMap<String, Boolean> list(String folder) throws MlflowException {
    SortedMap<String, Boolean> names = new TreeMap<>();
    for (JsonNode file : http.get(ARTIFACTS, SERVED, Map.of("path", folder)).path("files")) {
      names.put(file.path("path").asText(), file.path("is_dir").asBoolean());
    }
    return names;
  }

  /** The server's path for {@code mlflow-artifacts:/1/…} or {@code mlflow-artifacts://host/1/…}. */
  private String servedPath(String artifactUri) throws MlflowException {
    Matcher served = SERVED_URI.matcher(artifactUri);
    if (!served.matches()) {
      throw new MlflowException(
          Reason.REJECTED,
          "the artifact URI %s is not served by MLflow at %s: start MLflow with --artifacts-destination and log a new run"
              .formatted(artifactUri, http.base()));
    }
    return served.group(1);
  }

  private static String encoded(String path) {
    return Arrays.stream(path.split("/"))
        .map(MlflowArtifacts::segment)
        .collect(Collectors.joining("/"));
  }

  private static String segment(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
