package io.irisoperator.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** Authentication of clients. */
public record AuthSpec(
    @Required
        @Size(min = 1, max = 253)
        @JsonPropertyDescription(
            "A Secret with one entry for each client: the SHA-256 digest of its bearer token, in hexadecimal digits.")
        String tokensSecretName) {}
