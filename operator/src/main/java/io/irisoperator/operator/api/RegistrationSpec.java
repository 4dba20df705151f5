package io.irisoperator.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** Where a trained model is registered. */
@ValidationRule(
    value = "!has(self.minAccuracy) || (self.minAccuracy >= 0.0 && self.minAccuracy <= 1.0)",
    fieldPath = ".minAccuracy",
    message = "training.registration.minAccuracy must be from 0 to 1")
@ValidationRule(
    value =
        "!has(self.alias) || (self.alias.matches('^[A-Za-z0-9_-]+$') && !self.alias.matches('^([vV][0-9]+|latest)$'))",
    fieldPath = ".alias",
    message =
        "training.registration.alias must consist of letters, digits, _ and -, and must be neither latest nor a version such as v3, which MLflow reserves")
public record RegistrationSpec(
    @Required
        @Size(min = 1, max = 200)
        @JsonPropertyDescription("The name of the registered model.")
        String name,
    @Size(min = 1, max = 200)
        @JsonPropertyDescription("The alias to move to the new version, if it is accurate enough.")
        String alias,
    @JsonPropertyDescription(
            "The minimum accuracy on the test data for moving the alias, from 0 to 1.")
        Double minAccuracy) {}
