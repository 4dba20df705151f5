package io.irisoperator.operator.informer;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;

/**
 * How objects are read that are cached: with the fields that the SDK compares with what is wanted,
 * in as little memory as thousands of IrisModels leave to each.
 */
public final class CachedObjects {
  private CachedObjects() {}

  /** Changes how a mapper reads objects. */
  public static void configure(ObjectMapper mapper) {
    OwnedFields.configure(mapper);
    DigestedData.configure(mapper);
    share(mapper);
  }

  /** Has objects share what is equal in them. */
  static void share(ObjectMapper mapper) {
    mapper.registerModule(
        new SimpleModule("cached objects")
            .addDeserializer(String.class, new SharedStrings())
            .setDeserializerModifier(new WithoutEmptyMaps()));
  }
}
