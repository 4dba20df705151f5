package io.irisoperator.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import io.irisoperator.mlflow.MlflowException.Reason;
import java.net.ProxySelector;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Artifacts of an MLflow server. Whatever store they are in, the server reads them with its own
 * rights. Thread-safe.
 */
public final class MlflowArtifacts implements AutoCloseable {
  private static final String LOGGED_MODELS = TrackingApi.PATH + "logged-models/";
  private static final String DOWNLOAD_URI = TrackingApi.PATH + "model-versions/get-download-uri";
  private static final String UPLOAD = "/ajax-api/2.0/mlflow/upload-artifact";

  // Operations, for the listener.
  private static final String ARTIFACTS = "mlflow-artifacts";
  private static final String LOGGED_MODEL = "logged-models";
  private static final String VERSIONS = "model-versions";

  /** Where a logged model is in its store, whatever the store. */
  private static final Pattern MODEL_IN_STORE = Pattern.compile(".*/models/(m-[^/]+)/artifacts/?");

  /** The limit of MLflow's upload to a store that it does not serve. */
  private static final int MAX_UPLOAD = 10 << 20;

  /** A model folder has half a dozen files. */
  private static final int MAX_FILES = 100;

  private static final int MAX_PATH = 1_000;

  private final MlflowHttp http;

  /**
   * The artifacts of one server; nothing is called yet.
   *
   * @param timeout for connecting, and for the whole of each answer; ten times that for a file
   * @param proxies that lead to the server
   * @param listener is notified of every call
   */
  public MlflowArtifacts(
      Connection connection, Duration timeout, ProxySelector proxies, MlflowCallListener listener) {
    this(new MlflowHttp(connection, timeout, proxies, listener));
  }

  MlflowArtifacts(MlflowHttp http) {
    this.http = http;
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
      return model.map(m -> new ModelLocation(path, uri(m)));
    }
    return folder(path, uri(run, path));
  }

  /** That of the store if MLflow serves it, or else that of the model. */
  private static String uri(LoggedModel model) {
    return ArtifactFolder.isServed(model.artifactUri())
        ? model.artifactUri()
        : "models:/" + model.modelId();
  }

  private static String uri(Run run, String path) {
    return ArtifactFolder.isServed(run.artifactUri())
        ? run.artifactUri() + "/" + path
        : "runs:/" + run.runId() + "/" + path;
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
    Matcher ofRun = ArtifactFolder.RUN.matcher(version.source());
    if (ofRun.matches()) {
      return modelFolder(run, ofRun.group(2));
    }
    Matcher ofModel = ArtifactFolder.LOGGED_MODEL.matcher(version.source());
    return ofModel.matches()
        ? modelFolder(ofModel.group(1))
        : storedFolder(version, run, downloadUri(version));
  }

  private Optional<ModelLocation> modelFolder(String modelId) throws MlflowException {
    return readyModel(modelId)
        .map(
            info ->
                new ModelLocation(
                    info.path("name").asText(),
                    uri(new LoggedModel(modelId, info.path("artifact_uri").asText()))));
  }

  /** Where MLflow keeps a version, also if it is a copy of another one. */
  private String downloadUri(ModelVersion version) throws MlflowException {
    return http.get(
            VERSIONS, DOWNLOAD_URI, Map.of("name", version.name(), "version", version.version()))
        .path("artifact_uri")
        .asText();
  }

  private Optional<ModelLocation> storedFolder(ModelVersion version, Run run, String uri)
      throws MlflowException {
    String name = uri.substring(uri.lastIndexOf('/') + 1);
    if (!run.artifactUri().isEmpty() && uri.startsWith(run.artifactUri() + "/")) {
      return folder(name, uri(run, uri.substring(run.artifactUri().length() + 1)));
    }
    Matcher model = MODEL_IN_STORE.matcher(uri);
    if (model.matches()) {
      return modelFolder(model.group(1));
    }
    return ArtifactFolder.find(uri).isPresent()
        ? folder(name, uri)
        : Optional.of(
            new ModelLocation(name, "models:/" + version.name() + "/" + version.version()));
  }

  private Optional<ModelLocation> folder(String name, String uri) throws MlflowException {
    return list(ArtifactFolder.of(uri), "").isEmpty()
        ? Optional.empty()
        : Optional.of(new ModelLocation(name, uri));
  }

  private Optional<JsonNode> readyModel(String id) throws MlflowException {
    try {
      return Optional.of(
              http.get(LOGGED_MODEL, LOGGED_MODELS + ArtifactFolder.segment(id), Map.of())
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
    SortedMap<String, byte[]> files = new TreeMap<>();
    ArtifactFolder folder = ArtifactFolder.of(folderUri);
    if (folder.unlisted().isEmpty()) {
      download(folder, "", maxBytes, files);
    } else {
      for (String file : folder.unlisted()) {
        downloadIfPresent(folder, file, maxBytes, files);
      }
    }
    if (files.isEmpty()) {
      throw new MlflowException(Reason.NOT_FOUND, folderUri + " has no files");
    }
    return files;
  }

  /**
   * Whether files can be uploaded to logged models of this run: into a store that MLflow does not
   * serve, it takes files of runs only.
   */
  public boolean takesLoggedModels(Run run) {
    return ArtifactFolder.isServed(run.artifactUri());
  }

  /** Uploads a file to a run's artifacts. */
  public void upload(Run run, String path, byte[] bytes) throws MlflowException {
    if (ArtifactFolder.isServed(run.artifactUri())) {
      upload(run.artifactUri(), path, bytes);
      return;
    }
    if (bytes.length > MAX_UPLOAD) {
      throw new MlflowException(
          Reason.REJECTED,
          "%s has %d bytes, and MLflow takes up to %d for a store that it does not serve: start MLflow with --serve-artifacts, or train a smaller model"
              .formatted(path, bytes.length, MAX_UPLOAD));
    }
    http.upload(
        ARTIFACTS,
        "POST",
        UPLOAD + MlflowHttp.query(Map.of("run_uuid", run.runId(), "path", path)),
        bytes);
  }

  /** Uploads a file to a logged model's folder, which MLflow serves. */
  public void upload(LoggedModel model, String path, byte[] bytes) throws MlflowException {
    upload(model.artifactUri(), path, bytes);
  }

  private void upload(String folderUri, String path, byte[] bytes) throws MlflowException {
    http.upload(ARTIFACTS, "PUT", ArtifactFolder.of(folderUri).file(path), bytes);
  }

  @Override
  public void close() {
    http.close();
  }

  private void download(
      ArtifactFolder folder, String below, long maxBytes, SortedMap<String, byte[]> files)
      throws MlflowException {
    for (Map.Entry<String, Boolean> entry : list(folder, below).entrySet()) {
      String path = below + "/" + entry.getKey();
      boolean isFolder = entry.getValue();
      if (files.size() >= MAX_FILES || path.length() > MAX_PATH) {
        throw new MlflowException(
            Reason.REJECTED,
            "the model folder has more than %d files, or a path of more than %d characters"
                .formatted(MAX_FILES, MAX_PATH));
      }
      if (isFolder) {
        download(folder, path, maxBytes, files);
      } else {
        String file = path.substring(1);
        files.put(file, http.download(ARTIFACTS, folder.file(file), left(maxBytes, files)));
      }
    }
  }

  private void downloadIfPresent(
      ArtifactFolder folder, String file, long maxBytes, SortedMap<String, byte[]> files)
      throws MlflowException {
    try {
      files.put(file, http.download(ARTIFACTS, folder.file(file), left(maxBytes, files)));
    } catch (MlflowException e) {
      // Without MLmodel the order of the columns would be lost. For a missing file some stores give
      // a 404 that is not MLflow's.
      boolean missing = e.reason() == Reason.NOT_FOUND || e.reason() == Reason.NO_ENDPOINT;
      if (!missing || file.equals("MLmodel")) {
        throw e;
      }
    }
  }

  private static long left(long maxBytes, SortedMap<String, byte[]> files) {
    return maxBytes - files.values().stream().mapToLong(bytes -> bytes.length).sum();
  }

  /** Names in a folder, and whether each is a folder itself; empty if the folder does not exist. */
  private SortedMap<String, Boolean> list(ArtifactFolder folder, String below)
      throws MlflowException {
    SortedMap<String, Boolean> names = new TreeMap<>();
    for (JsonNode file : http.get(ARTIFACTS, folder.list(below), Map.of()).path("files")) {
      // Below the folder, or below the run.
      String path = file.path("path").asText();
      names.put(path.substring(path.lastIndexOf('/') + 1), file.path("is_dir").asBoolean());
    }
    return names;
  }
}
