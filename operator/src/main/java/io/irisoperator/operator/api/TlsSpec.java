package io.irisoperator.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** Encryption of requests. */
public record TlsSpec(
    @Required
        @Size(min = 1, max = 253)
        @JsonPropertyDescription(
            "A Secret with tls.crt and tls.key, as cert-manager creates it. A renewed certificate needs no restart.")
        String secretName) {}
