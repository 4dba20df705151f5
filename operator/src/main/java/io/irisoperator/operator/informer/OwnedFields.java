package io.irisoperator.operator.informer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.util.StdConverter;
import io.fabric8.kubernetes.api.model.FieldsV1;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.irisoperator.operator.api.Labels;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads of {@code metadata.managedFields} what the SDK compares, the fields that this operator
 * applied, into maps that take little memory: otherwise they are most of the memory of a cached
 * object.
 */
final class OwnedFields {
  private static final String APPLY = "Apply";

  private OwnedFields() {}

  /** Changes how a mapper reads objects. */
  static void configure(ObjectMapper mapper) {
    mapper.addMixIn(ObjectMeta.class, OnlyOurs.class).addMixIn(FieldsV1.class, WithSmallMaps.class);
  }

  @SuppressWarnings("UnusedMethod") // Jackson reads its annotation.
  private interface OnlyOurs {
    @JsonDeserialize(converter = OurEntries.class)
    void setManagedFields(List<ManagedFieldsEntry> managedFields);
  }

  private static final class OurEntries
      extends StdConverter<List<ManagedFieldsEntry>, List<ManagedFieldsEntry>> {
    @Override
    public List<ManagedFieldsEntry> convert(List<ManagedFieldsEntry> entries) {
      return entries == null
          ? List.of()
          : entries.stream()
              .filter(entry -> Labels.MANAGER.equals(entry.getManager()))
              .filter(entry -> APPLY.equals(entry.getOperation()))
              .filter(entry -> entry.getSubresource() == null)
              .toList();
    }
  }

  @JsonDeserialize(using = SmallMaps.class)
  private interface WithSmallMaps {}

  private static final class SmallMaps extends JsonDeserializer<FieldsV1> {
    @Override
    public FieldsV1 deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      FieldsV1 fields = new FieldsV1();
      fields.setAdditionalProperties(read(parser));
      return fields;
    }

    /**
     * A set of fields: each maps to the set of the fields in it.
     *
     * @see <a
     *     href="https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/">FieldsV1</a>
     */
    private static Map<String, Object> read(JsonParser parser) throws IOException {
      Map<String, Object> fields = new HashMap<>();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        fields.put(name, read(parser));
      }
      return Map.copyOf(fields);
    }
  }
}
