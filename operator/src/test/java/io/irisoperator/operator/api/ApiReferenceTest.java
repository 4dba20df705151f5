package io.irisoperator.operator.api;

import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.irisoperator.testkit.GoldenFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** docs/api-reference.md is generated from the CRD. */
class ApiReferenceTest {
  /** Types of Kubernetes, which its own reference describes. */
  private static final Map<String, String> KUBERNETES_TYPES =
      Map.of("podTemplate", "PodTemplateSpec", "resources", "ResourceRequirements");

  private final StringBuilder page = new StringBuilder();

  @Test
  void theReferenceIsGeneratedFromTheCrd() throws Exception {
    JSONSchemaProps schema =
        CrdTest.crd().getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
    page.append(
        """
        # API reference
        <!-- Generated from crds/irismodels.iris-operator.io.yaml by the tests: make golden. Do not edit. -->

        IrisModel, `iris-operator.io/v1alpha1`. `kubectl explain irismodel --recursive` shows the same.
        """);
    section("spec", schema.getProperties().get("spec"));
    section("status", schema.getProperties().get("status"));
    page.append("\n## Rules\n");
    page.append("`kubectl apply` rejects a resource that violates one of these:\n\n");
    rules("", schema);
    new GoldenFile(Path.of("../docs/api-reference.md")).assertContent(page.toString());
  }

  private void section(String path, JSONSchemaProps props) {
    page.append("\n## ").append(path).append('\n');
    if (props.getDescription() != null) {
      page.append(props.getDescription()).append('\n');
    }
    page.append("\n| field | type | description |\n|---|---|---|\n");
    List<Runnable> nested = new ArrayList<>();
    for (Map.Entry<String, JSONSchemaProps> field : sorted(props)) {
      String name = field.getKey();
      JSONSchemaProps value = field.getValue();
      page.append(
          "| `%s` | %s | %s |\n".formatted(name, type(name, value), description(props, name)));
      JSONSchemaProps object = items(value).orElse(value);
      boolean ours =
          object.getProperties() != null
              && !object.getProperties().isEmpty()
              && !KUBERNETES_TYPES.containsKey(name);
      if (ours) {
        nested.add(
            () -> section(path + "." + name + (items(value).isPresent() ? "[]" : ""), object));
      }
    }
    nested.forEach(Runnable::run);
  }

  private static List<Map.Entry<String, JSONSchemaProps>> sorted(JSONSchemaProps props) {
    return props.getProperties().entrySet().stream()
        .sorted(Map.Entry.comparingByKey(Comparator.naturalOrder()))
        .toList();
  }

  private static Optional<JSONSchemaProps> items(JSONSchemaProps props) {
    return Optional.ofNullable(props.getItems()).map(i -> i.getSchema());
  }

  private static String type(String name, JSONSchemaProps props) {
    if (KUBERNETES_TYPES.containsKey(name)) {
      return KUBERNETES_TYPES.get(name);
    }
    if (items(props).isPresent()) {
      return "list of " + items(props).get().getType();
    }
    return props.getAdditionalProperties() != null
        ? "map of " + props.getAdditionalProperties().getSchema().getType()
        : props.getType();
  }

  private static String description(JSONSchemaProps parent, String name) {
    JSONSchemaProps props = parent.getProperties().get(name);
    List<String> parts = new ArrayList<>();
    parts.add(Optional.ofNullable(props.getDescription()).orElse(""));
    if (parent.getRequired() != null && parent.getRequired().contains(name)) {
      parts.add("Required.");
    }
    if (props.getDefault() != null && props.getDefault().isValueNode()) {
      parts.add("Default: `%s`.".formatted(props.getDefault().asText()));
    }
    if (props.getMinimum() != null || props.getMaximum() != null) {
      parts.add(range(props.getMinimum(), props.getMaximum()));
    }
    if (props.getEnum() != null && !props.getEnum().isEmpty()) {
      parts.add(
          props.getEnum().stream()
              .map(value -> "`" + value.asText() + "`")
              .collect(Collectors.joining(", ", "One of ", ".")));
    }
    return parts.stream().filter(p -> !p.isEmpty()).collect(Collectors.joining(" "));
  }

  private static String range(Double min, Double max) {
    if (max == null) {
      return "Minimum: %d.".formatted(min.longValue());
    }
    return min == null
        ? "Maximum: %d.".formatted(max.longValue())
        : "From %d to %d.".formatted(min.longValue(), max.longValue());
  }

  private void rules(String path, JSONSchemaProps props) {
    Optional.ofNullable(props.getXKubernetesValidations())
        .ifPresent(
            rules ->
                rules.forEach(rule -> page.append("- ").append(rule.getMessage()).append('\n')));
    if (props.getProperties() != null) {
      sorted(props).stream()
          .filter(field -> !KUBERNETES_TYPES.containsKey(field.getKey()))
          .forEach(field -> rules(path + "." + field.getKey(), field.getValue()));
    }
  }
}
