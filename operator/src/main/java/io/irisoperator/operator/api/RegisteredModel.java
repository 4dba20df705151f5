package io.irisoperator.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** A version of a registered model. */
@ValidationRule(
    value = "(has(self.version) ? 1 : 0) + (has(self.alias) ? 1 : 0) == 1",
    message = "set exactly one of model.registered.version and model.registered.alias")
@ValidationRule(
    value = "!has(self.version) || self.version.matches('^[1-9][0-9]*$')",
    fieldPath = ".version",
    message =
        "model.registered.version must be a version number, such as \"3\"; to name an alias, set model.registered.alias")
public record RegisteredModel(
    @Required
        @Size(min = 1, max = 200)
        @JsonPropertyDescription("The name of the registered model.")
        String name,
    @Size(max = 20) @JsonPropertyDescription("The version number, such as \"3\".") String version,
    @Size(min = 1, max = 200)
        @JsonPropertyDescription("The alias of the version, such as champion.")
        String alias) {}
