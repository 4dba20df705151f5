package io.irisoperator.operator.informer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.deser.std.DelegatingDeserializer;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.AnnotatedMethod;
import java.io.IOException;
import java.util.Map;

/**
 * Each part of an object has a map of the fields that its class does not know. It is nearly always
 * empty: then all share one, which cannot be changed.
 */
@SuppressWarnings("serial") // Jackson can serialize it, and does not.
final class WithoutEmptyMaps extends BeanDeserializerModifier {
  private static final String SETTER = "setAdditionalProperties";

  @Override
  public JsonDeserializer<?> modifyDeserializer(
      DeserializationConfig config, BeanDescription bean, JsonDeserializer<?> deserializer) {
    AnnotatedMember getter = bean.findAnyGetter();
    AnnotatedMethod setter = bean.findMethod(SETTER, new Class<?>[] {Map.class});
    return getter == null || setter == null
        ? deserializer
        : new Sharing(deserializer, getter, setter);
  }

  private static final class Sharing extends DelegatingDeserializer {
    private final AnnotatedMember getter;
    private final AnnotatedMethod setter;

    Sharing(JsonDeserializer<?> deserializer, AnnotatedMember getter, AnnotatedMethod setter) {
      super(deserializer);
      this.getter = getter;
      this.setter = setter;
    }

    @Override
    protected JsonDeserializer<?> newDelegatingInstance(JsonDeserializer<?> deserializer) {
      return new Sharing(deserializer, getter, setter);
    }

    @Override
    public Object deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      Object read = super.deserialize(parser, context);
      if (getter.getValue(read) instanceof Map<?, ?> unknown && unknown.isEmpty()) {
        setter.setValue(read, Map.of());
      }
      return read;
    }
  }
}
