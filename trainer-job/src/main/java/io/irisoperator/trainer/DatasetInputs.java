package io.irisoperator.trainer;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.irisoperator.evaluation.data.Dataset;
import io.irisoperator.mlflow.DatasetInput;
import io.irisoperator.model.Iris;

/** Data sets as MLflow's Python client logs them: name, digest, source, schema and profile. */
final class DatasetInputs {
  /** MLflow takes 36 characters; the run's tags have the whole digest. */
  private static final int DIGEST_LENGTH = 32;

  private static final JsonMapper JSON = new JsonMapper();

  private DatasetInputs() {}

  /**
   * The input of a run.
   *
   * @param location the path or the URL of the data
   * @param context MLflow's name of the purpose: {@code training} or {@code testing}
   */
  static DatasetInput of(Dataset data, String location, String context) {
    boolean remote = location.matches("https?://.*");
    ObjectNode source = JSON.createObjectNode().put(remote ? "url" : "uri", location);
    ObjectNode schema = JSON.createObjectNode();
    ArrayNode columns = schema.putArray("mlflow_colspec");
    Iris.FEATURES.forEach(
        feature ->
            columns.addObject().put("type", "double").put("name", feature).put("required", true));
    columns.addObject().put("type", "long").put("name", "class").put("required", true);
    ObjectNode profile =
        JSON.createObjectNode()
            .put("num_rows", data.size())
            .put("num_elements", data.size() * columns.size());
    return new DatasetInput(
        location.replaceAll("[?#].*", "").replaceAll(".*/", ""),
        data.digest().replace("sha256:", "").substring(0, DIGEST_LENGTH),
        remote ? "http" : "local",
        source.toString(),
        schema.toString(),
        profile.toString(),
        context);
  }
}
