package io.irisoperator.operator.mock;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** Writes down a client's requests that are no reads, and lets some of them fail. */
final class Writes implements Interceptor {
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private volatile Predicate<String> fails = path -> false;

  @Override
  public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
    if (!request.method().equals("GET")) {
      seen.add(request.method() + " " + request.uri().getPath());
      if (fails.test(request.uri().getPath())) {
        throw new KubernetesClientException("refused by the test");
      }
    }
  }

  /** From now on, writes to these paths fail. */
  void fail(Predicate<String> paths) {
    fails = paths;
  }

  List<String> seen() {
    return List.copyOf(seen);
  }
}
