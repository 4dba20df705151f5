package io.irisoperator.operator.informer;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.util.StdConverter;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.irisoperator.operator.rollout.Fingerprint;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads of the texts in a ConfigMap what tells whether they have changed: the dashboard of an
 * IrisModel would take as much memory as all else of it.
 */
public final class DigestedData {
  private static final int MAX_LENGTH = 100;

  private DigestedData() {}

  static void configure(ObjectMapper mapper) {
    mapper.addMixIn(ConfigMap.class, Digesting.class);
  }

  /** As it is read by such a client. */
  public static ConfigMap of(ConfigMap configMap) {
    return new ConfigMapBuilder(configMap).withData(digested(configMap.getData())).build();
  }

  @SuppressWarnings("UnusedMethod") // Jackson reads its annotation.
  private interface Digesting {
    @JsonDeserialize(converter = Digests.class)
    void setData(Map<String, String> data);
  }

  private static final class Digests
      extends StdConverter<Map<String, String>, Map<String, String>> {
    @Override
    public Map<String, String> convert(Map<String, String> data) {
      return digested(data);
    }
  }

  private static Map<String, String> digested(Map<String, String> data) {
    Map<String, String> digested = new TreeMap<>();
    if (data != null) {
      data.forEach(
          (key, text) ->
              digested.put(
                  key,
                  text.length() > MAX_LENGTH ? "fingerprint " + Fingerprint.ofText(text) : text));
    }
    return digested;
  }
}
