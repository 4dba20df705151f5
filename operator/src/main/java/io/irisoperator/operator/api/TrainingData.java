package io.irisoperator.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** The data that a training reads. */
@ValidationRule(
    value =
        "(has(self.configMapName) ? 1 : 0) + (has(self.persistentVolumeClaimName) ? 1 : 0) + (has(self.url) ? 1 : 0) == 1",
    message =
        "set exactly one of training.data.configMapName, training.data.persistentVolumeClaimName and training.data.url")
@ValidationRule(
    value = "!has(self.url) || self.url.matches('^https?://[^/]+/.*')",
    fieldPath = ".url",
    message = "training.data.url must be an https or http URL of a CSV or JSON file")
@ValidationRule(
    value = "has(self.url) == has(self.digest)",
    fieldPath = ".digest",
    message =
        "set training.data.digest together with training.data.url: sha256: and the 64 hexadecimal digits of the file's SHA-256 digest")
@ValidationRule(
    value = "!has(self.digest) || self.digest.matches('^sha256:[0-9a-f]{64}$')",
    fieldPath = ".digest",
    message = "training.data.digest must be sha256: and 64 hexadecimal digits")
public record TrainingData(
    @Size(min = 1, max = 253)
        @JsonPropertyDescription("A ConfigMap with the files iris_train.csv and iris_test.csv.")
        String configMapName,
    @Size(min = 1, max = 253)
        @JsonPropertyDescription(
            "A PersistentVolumeClaim with the files iris_train.csv and iris_test.csv.")
        String persistentVolumeClaimName,
    @Size(max = 2000)
        @JsonPropertyDescription(
            "The URL of the training data. The test data is the one in the trainer's image.")
        String url,
    @Size(max = 100) @JsonPropertyDescription("The digest that the file at the URL must have.")
        String digest) {}
