package io.irisoperator.operator.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.irisoperator.testkit.GoldenFile;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The CRD: generated from the records, finished here, checked in. */
class CrdTest {
  private static final List<String> COLUMNS =
      List.of("READY", "RUN", "ACCURACY", "REPLICAS", "URL", "AGE");

  /** Kubernetes' own: without it a text that is no quantity would reach, and stop, the operator. */
  private static final String QUANTITY =
      "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$";

  private static final Map<String, String> CONDITION =
      Map.of(
          "type", "The type of the condition.",
          "status", "True, False or Unknown.",
          "reason", "The reason of the last transition, in CamelCase.",
          "message", "Human-readable details, with the next step.",
          "lastTransitionTime", "When the status changed last.",
          "observedGeneration", "The generation that this condition describes.");

  @Test
  void theCheckedInCrdIsGeneratedFromTheRecords() throws Exception {
    new GoldenFile(Path.of("../crds/irismodels.iris-operator.io.yaml"))
        .assertContent(
            "# Generated from operator/src/main/java/io/irisoperator/operator/api. Do not edit.\n"
                + Serialization.asYaml(crd()).replaceFirst("^---\n", ""));
  }

  @Test
  void everyFieldHasADescription() throws Exception {
    JSONSchemaProps schema =
        crd().getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
    List<String> without = new ArrayList<>();
    each(
        "",
        schema,
        (path, props) -> {
          boolean ours =
              !path.contains(".resources.")
                  && !path.contains(".podTemplate.")
                  && !path.endsWith("[]");
          if (ours
              && props.getDescription() == null
              && path.chars().filter(c -> c == '.').count() > 1) {
            without.add(path);
          }
        });
    assertThat(without).isEmpty();
  }

  static CustomResourceDefinition crd() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new CRDGenerator()
        .customResourceClasses(List.of(IrisModel.class))
        .forCRDVersions("v1")
        .withOutput(
            new CRDGenerator.CRDOutput<ByteArrayOutputStream>() {
              @Override
              public ByteArrayOutputStream outputFor(String name) {
                return out;
              }

              @Override
              public void close() {}
            })
        .generate();
    String yaml = out.toString(StandardCharsets.UTF_8);
    CustomResourceDefinition crd = Serialization.unmarshal(yaml, CustomResourceDefinition.class);
    CustomResourceDefinitionVersion version = crd.getSpec().getVersions().getFirst();
    version
        .getAdditionalPrinterColumns()
        .sort(
            Comparator.comparingInt(
                (CustomResourceColumnDefinition c) -> COLUMNS.indexOf(c.getName())));
    JSONSchemaProps schema = version.getSchema().getOpenAPIV3Schema();
    schema.setDescription("Declares which model of MLflow is served, and how.");
    JSONSchemaProps conditions =
        schema.getProperties().get("status").getProperties().get("conditions");
    conditions.setXKubernetesListType("map");
    conditions.setXKubernetesListMapKeys(List.of("type"));
    JSONSchemaProps trainings =
        schema.getProperties().get("status").getProperties().get("trainings");
    trainings.setXKubernetesListType("map");
    trainings.setXKubernetesListMapKeys(List.of("trigger"));
    JSONSchemaProps condition = conditions.getItems().getSchema();
    condition.setRequired(List.of("type", "status"));
    CONDITION.forEach((name, text) -> condition.getProperties().get(name).setDescription(text));
    each(
        "",
        schema,
        (path, props) -> {
          if (props.getDefault() != null && props.getDefault().isObject()) {
            // The defaults of the fields are with the fields.
            props.setDefault(JsonNodeFactory.instance.objectNode());
          }
          if (path.matches(".*\\.resources\\.(limits|requests)")) {
            props.getAdditionalProperties().getSchema().setPattern(QUANTITY);
            props.setDescription("Quantities by resource name, such as cpu and memory.");
          }
          if (path.matches(".*\\.podTemplate\\..*\\.(sizeLimit|divisor)")) {
            props.setPattern(QUANTITY);
          }
          if (path.endsWith(".overhead")) {
            props.getAdditionalProperties().getSchema().setPattern(QUANTITY);
          }
          if (path.endsWith(".resources")) {
            // A model server needs no dynamic resource allocation.
            props.getProperties().remove("claims");
          }
        });
    return crd;
  }

  private interface Visitor {
    void visit(String path, JSONSchemaProps props);
  }

  private static void each(String path, JSONSchemaProps props, Visitor visitor) {
    visitor.visit(path, props);
    if (props.getProperties() != null) {
      props.getProperties().forEach((name, child) -> each(path + "." + name, child, visitor));
    }
    if (props.getItems() != null && props.getItems().getSchema() != null) {
      each(path + "[]", props.getItems().getSchema(), visitor);
    }
  }
}
