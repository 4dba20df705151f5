package io.irisoperator.mlflow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.time.Duration;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.mlflow.tracking.MlflowClientException;
import org.mlflow.tracking.MlflowHttpException;
import org.mlflow.tracking.creds.BasicMlflowHostCreds;
import org.mlflow_project.google.protobuf.InvalidProtocolBufferException;

/**
 * MLflow's Java client, with a deadline for each call, and with every failure an {@link
 * MlflowException}.
 *
 * <p>A client has two connections and queues further calls behind them without a limit. So each
 * call in flight has a client to itself: one call that hangs delays no other.
 */
final class TrackingApi implements AutoCloseable {
  static final JsonMapper JSON = new JsonMapper();

  private static final String API = "/api/2.0/mlflow/";

  private final String base;
  private final Duration timeout;
  private final BasicMlflowHostCreds host;
  private final TimedCalls calls;
  private final Deque<org.mlflow.tracking.MlflowClient> idle = new ConcurrentLinkedDeque<>();

  TrackingApi(
      URI base, Duration timeout, Optional<Credentials> credentials, MlflowCallListener listener) {
    this.base = base.toString().replaceAll("/+$", "");
    this.timeout = timeout;
    this.host =
        credentials
            .map(c -> new BasicMlflowHostCreds(this.base, c.username(), c.password()))
            .orElseGet(() -> new BasicMlflowHostCreds(this.base));
    this.calls = new TimedCalls(listener);
  }

  /** One call. */
  @FunctionalInterface
  interface Call<T> {
    T on(org.mlflow.tracking.MlflowClient client) throws MlflowException;
  }

  /**
   * Calls MLflow.
   *
   * @param path of the endpoint, such as {@code runs/get}, with its query if it is known
   */
  <T> T call(String path, Call<T> call) throws MlflowException {
    String url = base + API + path;
    return calls.run(operation(path), url, timeout, () -> onIdleClient(url, call));
  }

  JsonNode get(String path, Map<String, String> query) throws MlflowException {
    String pathAndQuery = path + MlflowHttp.query(query);
    return json(pathAndQuery, call(pathAndQuery, client -> client.sendGet(pathAndQuery)));
  }

  JsonNode post(String path, ObjectNode body) throws MlflowException {
    return json(path, call(path, client -> client.sendPost(path, body.toString())));
  }

  JsonNode patch(String path, ObjectNode body) throws MlflowException {
    return json(path, call(path, client -> client.sendPatch(path, body.toString())));
  }

  @Override
  public void close() {
    calls.close();
    idle.forEach(org.mlflow.tracking.MlflowClient::close);
  }

  private <T> T onIdleClient(String url, Call<T> call) throws MlflowException {
    org.mlflow.tracking.MlflowClient client =
        Optional.ofNullable(idle.poll())
            .orElseGet(() -> new org.mlflow.tracking.MlflowClient(host));
    boolean reusable = false;
    try {
      T result = call.on(client);
      reusable = true;
      return result;
    } catch (MlflowHttpException e) {
      // Something else may answer on a connection that it keeps open: the next call gets a new one.
      reusable = MlflowException.isError(e.getBodyMessage());
      throw MlflowException.ofStatus(url, e.getStatusCode(), e.getBodyMessage());
    } catch (MlflowClientException e) {
      throw e.getCause() instanceof InvalidProtocolBufferException
          ? MlflowException.notJson(url, e)
          : MlflowException.unreachable(url, Optional.ofNullable(e.getCause()).orElse(e));
    } finally {
      if (reusable) {
        idle.push(client);
      } else {
        client.close();
      }
    }
  }

  private JsonNode json(String path, String body) throws MlflowException {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw MlflowException.notJson(base + API + path, e);
    }
  }

  /** Without names and ids, so that their number is limited. */
  private static String operation(String path) {
    return path.startsWith("logged-models/") ? "logged-models" : path.replaceAll("\\?.*", "");
  }
}
