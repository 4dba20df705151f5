package io.irisoperator.operator.mock;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Writes down a client's requests that are no reads. */
final class Writes implements Interceptor {
  private final List<String> seen = new CopyOnWriteArrayList<>();

  @Override
  public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
    if (!request.method().equals("GET")) {
      seen.add(request.method() + " " + request.uri().getPath());
    }
  }

  List<String> seen() {
    return List.copyOf(seen);
  }
}
