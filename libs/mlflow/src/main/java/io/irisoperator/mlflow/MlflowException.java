package io.irisoperator.mlflow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.net.ConnectException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;

/** A call to MLflow that failed. The message names the URL and the cause. */
public final class MlflowException extends Exception {
  private static final long serialVersionUID = 1L;
  private static final int MAX_BODY = 10_000;
  private static final int MAX_EXCERPT = 300;
  private static final int UNAUTHORIZED = 401;
  private static final int NOT_FOUND = 404;
  private static final int TOO_MANY_REQUESTS = 429;

  /** Why a call failed. */
  public enum Reason {
    /** MLflow did not answer, or something in front of it failed: a retry may help. */
    UNREACHABLE,
    /** The run, experiment, model or artifact does not exist. */
    NOT_FOUND,
    /**
     * The server does not have the endpoint: it is an older MLflow, or something in front of MLflow
     * answered, so that a retry may help.
     */
    NO_ENDPOINT,
    /** The credentials are missing or invalid. */
    UNAUTHORIZED,
    /** The server has no certificate of an authority that is trusted. */
    UNTRUSTED,
    /** MLflow rejected the request: a retry does not help. */
    REJECTED
  }

  private final Reason reason;

  public MlflowException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public MlflowException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }

  /** An answer with an error status. */
  static MlflowException ofStatus(String url, int status, String body) {
    String message = "%s answered %d".formatted(url, status);
    if (!body.isBlank()) {
      message += ": " + excerpt(body);
    }
    return status == NOT_FOUND && !isError(body)
        ? new MlflowException(Reason.NO_ENDPOINT, message + " (is it MLflow?)")
        : new MlflowException(reasonOf(status), message);
  }

  /** Whether the body of an answer is an error of MLflow: a proxy's or another program's is not. */
  static boolean isError(String body) {
    return json(body).path("error_code").isTextual();
  }

  /** An answer that is not MLflow's. */
  static MlflowException notJson(String url, Throwable cause) {
    return new MlflowException(
        Reason.UNREACHABLE, url + " did not answer with JSON: is it MLflow?", cause);
  }

  /** No answer. */
  static MlflowException unreachable(String url, String why, Throwable cause) {
    return new MlflowException(Reason.UNREACHABLE, url + ": " + why, cause);
  }

  /** No answer. */
  static MlflowException unreachable(String url, Throwable cause) {
    return hasCause(cause, CertificateException.class)
        ? new MlflowException(
            Reason.UNTRUSTED, url + ": its certificate is not trusted: " + describe(cause), cause)
        : unreachable(url, describe(cause), cause);
  }

  private static boolean hasCause(Throwable e, Class<? extends Throwable> type) {
    return type.isInstance(e) || (e.getCause() != null && hasCause(e.getCause(), type));
  }

  private static String describe(Throwable e) {
    if (hasCause(e, UnresolvedAddressException.class)) {
      return "unknown host";
    }
    if (e instanceof ConnectException && e.getMessage() == null) {
      return "connection refused";
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private static Reason reasonOf(int status) {
    if (status == NOT_FOUND) {
      return Reason.NOT_FOUND;
    }
    if (status == UNAUTHORIZED) {
      return Reason.UNAUTHORIZED;
    }
    return status >= 500 || status == TOO_MANY_REQUESTS ? Reason.UNREACHABLE : Reason.REJECTED;
  }

  /** MLflow's own message if there is one, else the start of the text. */
  private static String excerpt(String body) {
    String line = json(body).path("message").asText(body).replaceAll("\\s+", " ").strip();
    return line.length() <= MAX_EXCERPT ? line : line.substring(0, MAX_EXCERPT) + "…";
  }

  /** A missing node if the body is not JSON. */
  private static JsonNode json(String body) {
    try {
      return new JsonMapper().readTree(body.substring(0, Math.min(body.length(), MAX_BODY)));
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }
}
