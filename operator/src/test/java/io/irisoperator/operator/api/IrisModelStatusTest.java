package io.irisoperator.operator.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Map;
import org.junit.jupiter.api.Test;

class IrisModelStatusTest {
  private final KubernetesSerialization json =
      new KubernetesSerialization(new ObjectMapper(), true);

  /** An empty map would reach the API server as null, which rejects the whole status. */
  @Test
  void writesAndReadsAModelWithoutMetrics() {
    var model =
        new PinnedModel(
            "run", null, null, null, null, "http://m", "p", "uri", "digest", null, Map.of());
    String text = json.asJson(model);
    assertThat(text).doesNotContain("null", "metrics");
    assertThat(json.unmarshal(text, PinnedModel.class)).isEqualTo(model);
    assertThat(json.unmarshal("{\"runId\":\"run\"}", PinnedModel.class).metrics()).isEmpty();
  }
}
