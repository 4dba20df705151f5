package io.irisoperator.operator.api;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The labels of all resources that the operator creates.
 *
 * @see <a
 *     href="https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/">the
 *     recommended labels</a>
 */
public final class Labels {
  public static final String MANAGER = "iris-operator";

  /** The label with the name of the IrisModel. */
  public static final String INSTANCE = "app.kubernetes.io/instance";

  /** The purpose of a dependent. */
  public enum Component {
    MODEL_SERVER("model-server"),
    TRAINER("trainer"),
    STORED_MODEL("stored-model"),
    DASHBOARD("dashboard"),
    ALERTS("alerts");

    private final String text;

    Component(String text) {
      this.text = text;
    }
  }

  private Labels() {}

  /** The labels of a dependent of an IrisModel. */
  public static Map<String, String> of(String name, Component component) {
    Map<String, String> labels = shared(component);
    labels.putAll(identity(name, component));
    return labels;
  }

  /** The labels of what all IrisModels of a namespace share. */
  public static Map<String, String> shared(Component component) {
    Map<String, String> labels = new TreeMap<>();
    labels.put("app.kubernetes.io/name", "iris-" + component.text);
    labels.put("app.kubernetes.io/component", component.text);
    labels.put("app.kubernetes.io/part-of", "iris-operator");
    labels.put("app.kubernetes.io/managed-by", MANAGER);
    return labels;
  }

  /** The selector of all that the operator creates for a purpose, as text. */
  public static String selector(Component component) {
    return "app.kubernetes.io/managed-by=%s,app.kubernetes.io/component=%s"
        .formatted(MANAGER, component.text);
  }

  /**
   * The labels of a dependent that a Prometheus selects.
   *
   * @param byOperator from the operator's settings
   * @param byResource from the IrisModel; they take precedence
   */
  public static Map<String, String> monitoring(
      String name,
      Component component,
      Map<String, String> byOperator,
      Map<String, String> byResource) {
    Map<String, String> labels = new TreeMap<>(byOperator);
    labels.putAll(byResource);
    labels.putAll(of(name, component));
    return labels;
  }

  /** The two labels that select the pods. */
  public static Map<String, String> identity(String name, Component component) {
    return new TreeMap<>(
        Map.of("app.kubernetes.io/name", "iris-" + component.text, INSTANCE, name));
  }

  /** The selector by these two labels, as text. */
  public static String selector(String name, Component component) {
    return identity(name, component).entrySet().stream()
        .map(e -> e.getKey() + "=" + e.getValue())
        .collect(Collectors.joining(","));
  }
}
