package io.irisoperator.operator.informer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.deser.std.StringDeserializer;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Reads equal texts as the same String: the objects of thousands of IrisModels differ in few of
 * them. A text that another one of the same hash has replaced is only read as a new String.
 */
final class SharedStrings extends JsonDeserializer<String> {
  private static final int MAX_LENGTH = 256;

  /** A power of two. */
  private static final int SIZE = 1 << 14;

  private final AtomicReferenceArray<String> strings = new AtomicReferenceArray<>(SIZE);

  @Override
  public String deserialize(JsonParser parser, DeserializationContext context) throws IOException {
    String text = StringDeserializer.instance.deserialize(parser, context);
    return text == null || text.length() > MAX_LENGTH ? text : shared(text);
  }

  private String shared(String text) {
    int hash = text.hashCode();
    int index = (hash ^ (hash >>> 16)) & (SIZE - 1);
    String known = strings.getPlain(index);
    if (text.equals(known)) {
      return known;
    }
    strings.setPlain(index, text);
    return text;
  }
}
