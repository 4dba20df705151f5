package io.irisoperator.operator.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.irisoperator.operator.state.RequestStats;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RequestWindowsTest {
  private final RequestWindows windows = new RequestWindows();

  private Optional<RequestStats> poll(int requests, int failed) {
    return windows.next(
        "iris", "1", Map.of("pod", new RequestStats(requests, failed, new TreeMap<>())));
  }

  @Test
  void theFirstPollHasNothingToCompareWith() {
    assertThat(poll(100, 100)).isEmpty();
  }

  @Test
  void reportsWhatWasAddedSinceTheLastWindow() {
    poll(100, 100);
    assertThat(poll(1100, 160)).contains(new RequestStats(1000, 60, new TreeMap<>()));
    assertThat(poll(2100, 160)).contains(new RequestStats(1000, 0, new TreeMap<>()));
  }

  @Test
  void waitsUntilThereAreEnoughRequests() {
    poll(0, 0);
    for (int requests = 1; requests < 20; requests++) {
      assertThat(poll(requests, requests)).isEmpty();
    }
    assertThat(poll(30, 30)).contains(new RequestStats(30, 30, new TreeMap<>()));
  }

  @Test
  void startsAgainWithAnotherRevision() {
    poll(100, 0);
    assertThat(windows.next("iris", "2", Map.of("pod", new RequestStats(1000, 0, new TreeMap<>()))))
        .isEmpty();
  }

  @Test
  void startsAgainAfterAReset() {
    poll(100, 0);
    windows.reset("iris");
    assertThat(poll(1000, 0)).isEmpty();
  }
}
