package io.irisoperator.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.stream.Stream;

/**
 * MLflow's REST API, version 2.0.
 *
 * @see <a href="https://mlflow.org/docs/latest/api_reference/rest-api.html">its reference</a>
 */
final class TrackingApi {
  static final String PATH = "/api/2.0/mlflow/";

  private final MlflowHttp http;

  TrackingApi(MlflowHttp http) {
    this.http = http;
  }

  /**
   * Asks MLflow.
   *
   * @param path of the endpoint, such as {@code runs/get}
   */
  JsonNode get(String path, Map<String, String> query) throws MlflowException {
    return http.get(operation(path), PATH + path, query);
  }

  JsonNode post(String path, ObjectNode body) throws MlflowException {
    return http.send(operation(path), "POST", PATH + path, body);
  }

  JsonNode patch(String path, ObjectNode body) throws MlflowException {
    return http.send(operation(path), "PATCH", PATH + path, body);
  }

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** Without ids, so that their number is limited. */
  private static String operation(String path) {
    return Stream.of("logged-models", "webhooks")
        .filter(kind -> path.startsWith(kind + "/"))
        .findFirst()
        .orElse(path);
  }
}
