package io.irisoperator.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import io.irisoperator.mlflow.MlflowException.Reason;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Artifacts that an MLflow server serves itself ({@code --artifacts-destination}). */
public final class MlflowArtifacts {
  private static final String SERVED = "/api/2.0/mlflow-artifacts/artifacts";
  private static final String LOGGED_MODELS = "/api/2.0/mlflow/logged-models/";

  private static final Pattern SERVED_URI = Pattern.compile("mlflow-artifacts:(?://[^/]*)?/+(.+)");

  private static final Pattern RUN_SOURCE = Pattern.compile("runs:/[^/]+/(.+)");
  private static final Pattern MODEL_SOURCE = Pattern.compile("models:/(m-[^/]+)");

  /** A model folder has half a dozen files. */
  private static final int MAX_FILES = 100;

  private final MlflowHttp http;

  MlflowArtifacts(MlflowHttp http) {
    this.http = http;
  }

  /**
   * Where a run's model folder is: below the run, or, as MLflow 3's clients put it, in a logged
   * model's folder.
   *
   * @param path such as {@code iris-model}
   * @return the folder's artifact URI, or nothing where neither place has such a folder
   */
  public Optional<String> modelFolder(Run run, String path) throws MlflowException {
    // As MLflow does for runs:/ URIs, where both are there the logged model wins.
    for (String id : run.modelIds().reversed()) {
      Optional<JsonNode> info = loggedModel(id);
      if (info.isPresent() && info.get().path("name").asText().equals(path)) {
        return info.map(i -> i.path("artifact_uri").asText());
      }
    }
    String below = run.artifactUri() + "/" + path;
    return list(servedPath(below)).isEmpty() ? Optional.empty() : Optional.of(below);
  }

  /**
   * Where a registered version's model folder is.
   *
   * @param run the version's
   * @return the folder's artifact URI, or nothing where its source is gone
   */
  public Optional<String> modelFolder(ModelVersion version, Run run) throws MlflowException {
    Matcher ofRun = RUN_SOURCE.matcher(version.source());
    if (ofRun.matches()) {
      return modelFolder(run, ofRun.group(1));
    }
    Matcher ofModel = MODEL_SOURCE.matcher(version.source());
    if (ofModel.matches()) {
      return loggedModel(ofModel.group(1)).map(info -> info.path("artifact_uri").asText());
    }
    return list(servedPath(version.source())).isEmpty()
        ? Optional.empty()
        : Optional.of(version.source());
  }

  private Optional<JsonNode> loggedModel(String id) throws MlflowException {
    try {
      return Optional.of(http.get(LOGGED_MODELS + segment(id), Map.of()).path("model").path("info"))
          .filter(info -> info.path("status").asText().equals("LOGGED_MODEL_READY"));
    } catch (MlflowException e) {
      if (e.reason() == Reason.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * Gets every file of a folder.
   *
   * @param maxBytes of all files together
   * @return path below the folder to bytes
   */
  public SortedMap<String, byte[]> download(String folderUri, long maxBytes)
      throws MlflowException {
    String folder = servedPath(folderUri);
    SortedMap<String, byte[]> files = new TreeMap<>();
    download(folder, "", maxBytes, files);
    if (files.isEmpty()) {
      throw new MlflowException(Reason.NOT_FOUND, folderUri + " holds no files");
    }
    return files;
  }

  /** Puts a file below a run's artifacts. */
  public void upload(Run run, String path, byte[] bytes) throws MlflowException {
    http.upload(SERVED + "/" + encoded(servedPath(run.artifactUri()) + "/" + path), bytes);
  }

  private void download(String root, String below, long maxBytes, SortedMap<String, byte[]> files)
      throws MlflowException {
    for (Map.Entry<String, Boolean> entry : list(root + below).entrySet()) {
      String path = below + "/" + entry.getKey();
      boolean isFolder = entry.getValue();
      if (files.size() >= MAX_FILES || path.length() > 1000) {
        throw new MlflowException(
            Reason.REFUSED, root + " holds more than " + MAX_FILES + " files");
      }
      if (isFolder) {
        download(root, path, maxBytes, files);
      } else {
        long left = maxBytes - files.values().stream().mapToLong(bytes -> bytes.length).sum();
        files.put(path.substring(1), http.download(SERVED + "/" + encoded(root + path), left));
      }
    }
  }

  /**
   * Names in a folder, and whether each is a folder itself; empty where there is no such folder.
   */
  private SortedMap<String, Boolean> list(String folder) throws MlflowException {
    SortedMap<String, Boolean> names = new TreeMap<>();
    for (JsonNode file : http.get(SERVED, Map.of("path", folder)).path("files")) {
      names.put(file.path("path").asText(), file.path("is_dir").asBoolean());
    }
    return names;
  }

  /**
   * The path that {@code mlflow-artifacts:/1/…} and {@code mlflow-artifacts://host/1/…} have on the
   * server.
   */
  private String servedPath(String artifactUri) throws MlflowException {
    Matcher served = SERVED_URI.matcher(artifactUri);
    if (!served.matches()) {
      throw new MlflowException(
          Reason.REFUSED,
          "the artifact URI %s is not served by MLflow at %s: start MLflow with --artifacts-destination and log the run anew"
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
