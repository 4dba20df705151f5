package io.irisoperator.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** An MLflow server. */
@ValidationRule(
    value =
        "!has(self.trackingUri) || self.trackingUri.matches('^https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?$')",
    fieldPath = ".trackingUri",
    message = "mlflow.trackingUri must be an http or https URL, such as http://mlflow.mlops:5000")
public record MlflowSpec(
    @Size(max = 500)
        @JsonPropertyDescription(
            "The tracking URI: an http or https URL. Defaults to the operator's own.")
        String trackingUri,
    @Size(min = 1, max = 253)
        @JsonPropertyDescription(
            "A Secret with username and password, or token. The operator must be allowed to read it.")
        String credentialsSecretName,
    @Size(min = 1, max = 253)
        @JsonPropertyDescription(
            "A ConfigMap with the certificates of the server's authority in PEM format, under any keys. They replace the public authorities.")
        String caBundleConfigMapName) {}
