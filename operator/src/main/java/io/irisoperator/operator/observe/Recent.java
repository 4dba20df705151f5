package io.irisoperator.operator.observe;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Remembers; the oldest is forgotten first, and asked for again when needed. Thread-safe. */
final class Recent<K, V> {
  private static final int MOST = 1000;

  private final Map<K, V> values =
      Collections.synchronizedMap(
          new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
              return size() > MOST;
            }
          });

  Optional<V> get(K key) {
    return Optional.ofNullable(values.get(key));
  }

  void put(K key, V value) {
    values.put(key, value);
  }
}
