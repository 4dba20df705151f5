package io.irisoperator.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/** Which namespaces may connect to the pods. */
public record NetworkPolicySpec(
    @Size(max = 50)
        @JsonPropertyDescription(
            "Namespaces whose pods may request predictions, in addition to the IrisModel's own.")
        List<String> allowedNamespaces) {

  public NetworkPolicySpec {
    allowedNamespaces = allowedNamespaces == null ? List.of() : List.copyOf(allowedNamespaces);
  }
}
