package io.irisoperator.mlflow;

import io.irisoperator.mlflow.MlflowException.Reason;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A folder of artifacts, by whom MLflow asks for it. Only the first kind needs a server that serves
 * artifacts; for the others MLflow reads its store itself, whatever the store is.
 */
sealed interface ArtifactFolder {
  /** The names in this folder as MLflow's API lists them: path and query. */
  String list(String below);

  /** A file of this folder in MLflow's API: path and query. */
  String file(String path);

  /** What may be in a folder that MLflow cannot list. */
  default List<String> unlisted() {
    return List.of();
  }

  /** A folder that MLflow serves itself: {@code mlflow-artifacts:/1/0f3c…/artifacts/iris-model}. */
  record Served(String path) implements ArtifactFolder {
    static final String PATH = "/api/2.0/mlflow-artifacts/artifacts";

    @Override
    public String list(String below) {
      return PATH + MlflowHttp.query(Map.of("path", path + below));
    }

    @Override
    public String file(String below) {
      return PATH + "/" + encoded(path + "/" + below);
    }
  }

  /** A folder of a run's artifacts: {@code runs:/0f3c…/iris-model}. */
  record OfRun(String runId, String path) implements ArtifactFolder {
    @Override
    public String list(String below) {
      return "/api/2.0/mlflow/artifacts/list"
          + MlflowHttp.query(Map.of("run_id", runId, "path", path + below));
    }

    @Override
    public String file(String below) {
      return "/get-artifact"
          + MlflowHttp.query(Map.of("run_id", runId, "path", path + "/" + below));
    }
  }

  /** The folder of a logged model: {@code models:/m-0f3c…}. */
  record OfLoggedModel(String modelId) implements ArtifactFolder {
    private String artifacts() {
      return "/ajax-api/2.0/mlflow/logged-models/" + segment(modelId) + "/artifacts/";
    }

    @Override
    public String list(String below) {
      return artifacts()
          + "directories"
          + MlflowHttp.query(
              below.isEmpty() ? Map.of() : Map.of("artifact_directory_path", below.substring(1)));
    }

    @Override
    public String file(String below) {
      return artifacts() + "files" + MlflowHttp.query(Map.of("artifact_file_path", below));
    }
  }

  /** The folder of a registered version, which MLflow does not list: {@code models:/iris/3}. */
  record OfVersion(String name, String version) implements ArtifactFolder {
    @Override
    public String list(String below) {
      throw new IllegalStateException("MLflow does not list the files of a version");
    }

    @Override
    public String file(String below) {
      return "/model-versions/get-artifact"
          + MlflowHttp.query(Map.of("name", name, "version", version, "path", below));
    }

    @Override
    public List<String> unlisted() {
      return List.of("MLmodel", "model.onnx");
    }
  }

  Pattern SERVED = Pattern.compile("mlflow-artifacts:(?://[^/]*)?/+(.+)");
  Pattern RUN = Pattern.compile("runs:/([^/]+)/(.+)");
  Pattern LOGGED_MODEL = Pattern.compile("models:/(m-[^/]+)");
  Pattern VERSION = Pattern.compile("models:/([^/]+)/([0-9]+)");

  /**
   * The folder with a URI.
   *
   * @throws MlflowException if it is in a store that MLflow reads only by a run or a model
   */
  static ArtifactFolder of(String uri) throws MlflowException {
    return find(uri)
        .orElseThrow(
            () ->
                new MlflowException(
                    Reason.REJECTED,
                    "the artifact URI %s names neither a run nor a model of MLflow"
                        .formatted(uri)));
  }

  /** The folder with a URI, unless the URI is that of another store. */
  static Optional<ArtifactFolder> find(String uri) {
    Matcher served = SERVED.matcher(uri);
    if (served.matches()) {
      return Optional.of(new Served(served.group(1)));
    }
    Matcher run = RUN.matcher(uri);
    if (run.matches()) {
      return Optional.of(new OfRun(run.group(1), run.group(2)));
    }
    Matcher loggedModel = LOGGED_MODEL.matcher(uri);
    if (loggedModel.matches()) {
      return Optional.of(new OfLoggedModel(loggedModel.group(1)));
    }
    Matcher version = VERSION.matcher(uri);
    return version.matches()
        ? Optional.of(new OfVersion(version.group(1), version.group(2)))
        : Optional.empty();
  }

  /** Whether MLflow serves what is below this URI itself. */
  static boolean isServed(String uri) {
    return SERVED.matcher(uri).matches();
  }

  private static String encoded(String path) {
    return Arrays.stream(path.split("/"))
        .map(ArtifactFolder::segment)
        .collect(Collectors.joining("/"));
  }

  /** A name as one segment of a path. */
  static String segment(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
