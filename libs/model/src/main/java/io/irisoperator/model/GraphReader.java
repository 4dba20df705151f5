package io.irisoperator.model;

import ai.onnx.proto.OnnxMl;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import io.irisoperator.model.OnnxGraph.ElementType;
import io.irisoperator.model.OnnxGraph.Input;
import io.irisoperator.model.OnnxGraph.Probabilities;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Reads what a graph takes and gives, for the classifiers that the exporters of scikit-learn,
 * LightGBM, XGBoost and CatBoost write.
 *
 * @see <a href="https://onnx.ai/sklearn-onnx/auto_tutorial/plot_dbegin_options_zipmap.html">the
 *     forms of the probabilities</a>
 */
final class GraphReader {
  private final OnnxFile file;
  private final Labels labels;
  private final List<OnnxMl.ValueInfoProto> outputs;

  private GraphReader(OnnxFile file) {
    this.file = file;
    this.labels = new Labels(file.graph());
    this.outputs = file.graph().getOutputList();
  }

  /**
   * Reads a graph.
   *
   * @throws InvalidModelException naming what is not supported
   */
  static OnnxGraph read(OnnxFile file) throws InvalidModelException {
    GraphLimits.require(file);
    Optional<ZipMap> zipMap = ZipMap.find(file);
    return zipMap.isPresent()
        ? new GraphReader(zipMap.get().withoutMaps()).read(zipMap.get().labels())
        : new GraphReader(file).read(Optional.empty());
  }

  private OnnxGraph read(Optional<ClassLabels> mapped) throws InvalidModelException {
    OnnxMl.ValueInfoProto label = labelOutput();
    Probabilities probabilities = probabilities();
    ClassLabels classes =
        mapped
            .or(this::listedLabels)
            .or(() -> labels.of(label.getName()))
            .orElseThrow(
                () ->
                    new InvalidModelException(
                        "the labels of its classes are not in the file: export with ZipMap, skl2onnx' default, or with the option output_class_labels"));
    if (probabilities instanceof Probabilities.Columns(List<String> columns)
        && columns.size() != classes.count()) {
      throw new InvalidModelException(
          "its outputs %s are neither one with all probabilities nor one for each of %d classes"
              .formatted(columns, classes.count()));
    }
    return new OnnxGraph(
        file.proto().toByteArray(),
        inputs(),
        label.getName(),
        probabilities,
        classes,
        file.metadata());
  }

  private List<Input> inputs() throws InvalidModelException {
    List<Input> inputs = new ArrayList<>();
    for (OnnxMl.ValueInfoProto input : file.inputs()) {
      requireRead(input.getName());
      var type = input.getType().getTensorType();
      ElementType elements =
          switch (type.getElemType()) {
            case DataType.FLOAT_VALUE -> ElementType.FLOAT32;
            case DataType.DOUBLE_VALUE -> ElementType.FLOAT64;
            case DataType.INT64_VALUE -> ElementType.INT64;
            default ->
                throw new InvalidModelException(
                    "input %s is neither float32, float64 nor int64: export it with FloatTensorType"
                        .formatted(input.getName()));
          };
      int dimensions = type.getShape().getDimCount();
      long columns = dimensions == 2 ? type.getShape().getDim(1).getDimValue() : 0;
      if (dimensions != 0 && dimensions != 2) {
        throw new InvalidModelException(
            "input %s has %d dimensions: export it with the shape [N, features]"
                .formatted(input.getName(), dimensions));
      }
      inputs.add(new Input(input.getName(), elements, columns));
    }
    if (inputs.isEmpty()) {
      throw new InvalidModelException("it has no input");
    }
    return inputs;
  }

  /**
   * skl2onnx drops all columns of a DataFrame but the first, unless something concatenates them.
   */
  private void requireRead(String input) throws InvalidModelException {
    if (file.graph().getNodeList().stream()
        .noneMatch(node -> node.getInputList().contains(input))) {
      throw new InvalidModelException(
          "no operator reads input %s: fit and export with an array, or put a ColumnTransformer first in the pipeline"
              .formatted(input));
    }
  }

  private OnnxMl.ValueInfoProto labelOutput() throws InvalidModelException {
    return outputs.stream()
        .filter(GraphReader::isLabels)
        .filter(output -> labels.constant(output.getName()).isEmpty())
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidModelException(
                    "it has no output with a label for each row, of int64 or string; its outputs are "
                        + names(outputs)));
  }

  private static boolean isLabels(OnnxMl.ValueInfoProto output) {
    int type = output.getType().getTensorType().getElemType();
    return type == DataType.INT64_VALUE || type == DataType.STRING_VALUE;
  }

  /** The output that skl2onnx' option {@code output_class_labels} adds. */
  private Optional<ClassLabels> listedLabels() {
    return outputs.stream()
        .filter(GraphReader::isLabels)
        .flatMap(output -> labels.constant(output.getName()).stream())
        .findFirst();
  }

  private Probabilities probabilities() throws InvalidModelException {
    List<String> numbers =
        outputs.stream()
            .filter(GraphReader::isNumbers)
            .map(OnnxMl.ValueInfoProto::getName)
            .toList();
    return switch (numbers.size()) {
      case 0 ->
          throw new InvalidModelException(
              "it has no output with the probability of each class; its outputs are %s: use a classifier with predict_proba"
                  .formatted(names(outputs)));
      case 1 -> new Probabilities.Matrix(numbers.getFirst());
      default -> new Probabilities.Columns(numbers);
    };
  }

  private static boolean isNumbers(OnnxMl.ValueInfoProto output) {
    int type = output.getType().getTensorType().getElemType();
    return type == DataType.FLOAT_VALUE || type == DataType.DOUBLE_VALUE;
  }

  private static List<String> names(List<OnnxMl.ValueInfoProto> values) {
    return values.stream().map(OnnxMl.ValueInfoProto::getName).toList();
  }

  /** Finds the labels of the classes in a graph. */
  private static final class Labels {
    private static final Set<String> PASSING =
        Set.of("Cast", "Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze");
    private static final Set<String> PICKING = Set.of("ArrayFeatureExtractor", "Gather");

    private final Map<String, OnnxMl.NodeProto> producers = new HashMap<>();
    private final Map<String, OnnxMl.TensorProto> constants = new HashMap<>();

    Labels(OnnxMl.GraphProto graph) {
      graph.getInitializerList().forEach(tensor -> constants.put(tensor.getName(), tensor));
      for (OnnxMl.NodeProto node : graph.getNodeList()) {
        for (String output : node.getOutputList()) {
          // An output without a name is not computed.
          if (!output.isEmpty()) {
            producers.put(output, node);
          }
        }
      }
    }

    /** Those of the classifier that gives a value, or those that are picked for it by position. */
    Optional<ClassLabels> of(String value) {
      OnnxMl.NodeProto node = producers.get(origin(value));
      if (node == null) {
        return Optional.empty();
      }
      return PICKING.contains(node.getOpType()) && node.getInputCount() > 0
          ? constant(node.getInput(0))
          : new Attributes(node).labels();
    }

    /** A value that does not depend on the inputs. */
    Optional<ClassLabels> constant(String value) {
      String origin = origin(value);
      OnnxMl.TensorProto tensor = constants.get(origin);
      if (tensor != null) {
        return labels(tensor);
      }
      OnnxMl.NodeProto node = producers.get(origin);
      return node != null && node.getOpType().equals("Constant")
          ? labels(new Attributes(node).tensor("value"))
          : Optional.empty();
    }

    /** The value that a chain of operators passes on. No value is computed twice, so it ends. */
    private String origin(String value) {
      String origin = value;
      OnnxMl.NodeProto node = producers.get(origin);
      while (node != null && PASSING.contains(node.getOpType()) && node.getInputCount() > 0) {
        origin = node.getInput(0);
        node = producers.get(origin);
      }
      return origin;
    }

    private static Optional<ClassLabels> labels(OnnxMl.TensorProto tensor) {
      return switch (tensor.getDataType()) {
        case DataType.INT64_VALUE -> Optional.of(new ClassLabels.Int64(int64s(tensor)));
        case DataType.INT32_VALUE -> Optional.of(new ClassLabels.Int64(int32s(tensor)));
        case DataType.STRING_VALUE ->
            Optional.of(
                new ClassLabels.Text(
                    tensor.getStringDataList().stream().map(s -> s.toStringUtf8()).toList()));
        default -> Optional.empty();
      };
    }

    private static List<Long> int32s(OnnxMl.TensorProto tensor) {
      if (tensor.getRawData().isEmpty()) {
        return tensor.getInt32DataList().stream().map(Integer::longValue).toList();
      }
      IntBuffer values = raw(tensor).asIntBuffer();
      return IntStream.range(0, values.remaining()).mapToObj(i -> (long) values.get(i)).toList();
    }

    private static List<Long> int64s(OnnxMl.TensorProto tensor) {
      if (tensor.getRawData().isEmpty()) {
        return tensor.getInt64DataList();
      }
      LongBuffer values = raw(tensor).asLongBuffer();
      return IntStream.range(0, values.remaining()).mapToObj(values::get).toList();
    }

    private static ByteBuffer raw(OnnxMl.TensorProto tensor) {
      return tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }
  }
}
