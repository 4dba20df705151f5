package io.irisoperator.operator.observe;

import java.net.URI;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The models that were read and verified; the oldest is forgotten first, and read again when asked
 * for.
 */
final class VerifiedModels {
  private static final int MOST = 1000;

  record Key(URI trackingUri, String runId, String artifactPath) {}

  record Verified(String artifactUri, String digest) {}

  private final Map<Key, Verified> models =
      Collections.synchronizedMap(
          new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Key, Verified> eldest) {
              return size() > MOST;
            }
          });

  Optional<Verified> get(Key key) {
    return Optional.ofNullable(models.get(key));
  }

  void put(Key key, Verified verified) {
    models.put(key, verified);
  }
}
