package dev.fgvc.nets.arch;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Draws the graph that JSON describes, checking every member on the way. */
final class GraphJsonReader {

  static final String FORMAT = "fgvc-graph";
  static final int VERSION = 1;

  private static final int MAX_NODES = 100_000;
  private static final int MAX_CHANNELS = 1 << 16;
  private static final int MAX_SIDE = 1024;
  private static final int MAX_NAME = 512;

  /** A gigabyte of weights; the largest of the paper's networks has 70 million values. */
  private static final long MAX_VALUES = 1L << 28;

  private final String source;
  private final List<Node> nodes = new ArrayList<>();
  private String place = "whole text";
  private long values;

  GraphJsonReader(String source) {
    this.source = source;
  }

  NetworkGraph graph(JsonElement element) {
    JsonObject root = object(element, "a JSON object");
    require(text(root, "format").equals(FORMAT), "\"format\": expected \"" + FORMAT + "\"");
    integer(root, "version", VERSION, VERSION);
    GraphBuilder builder = GraphBuilder.named(text(root, "name"));
    for (JsonElement node : array(root, "nodes", 1, MAX_NODES)) {
      place = "nodes[" + nodes.size() + "]";
      try {
        nodes.add(draw(builder, object(node, "a JSON object")));
      } catch (IllegalArgumentException | ArithmeticException e) {
        throw new GraphFormatException(source, place, String.valueOf(e.getMessage()));
      }
    }
    place = "endpoints";
    try {
      if (root.has("endpoints")) {
        for (Map.Entry<String, JsonElement> endpoint :
            object(root.get("endpoints"), "names with indices").entrySet()) {
          builder.endpoint(endpoint.getKey(), node(endpoint.getValue(), endpoint.getKey()));
        }
      }
      place = "results";
      Node features = node(root.get("features"), "features");
      Node logits = root.has("logits") ? node(root.get("logits"), "logits") : features;
      Optional<Node> auxiliary =
          root.has("auxiliaryLogits")
              ? Optional.of(node(root.get("auxiliaryLogits"), "auxiliaryLogits"))
              : Optional.empty();
      return builder.build(features, logits, auxiliary);
    } catch (IllegalArgumentException e) {
      throw new GraphFormatException(source, place, e.getMessage());
    }
  }

  private Node draw(GraphBuilder builder, JsonObject json) {
    String operation = text(json, "operation");
    switch (operation) {
      case "input":
        return builder.input(integer(json, "channels", 1, MAX_CHANNELS));
      case "convolution":
        return convolution(builder, json);
      case "fullyConnected":
        decayBiases(builder, json);
        int outputs = integer(json, "channels", 1, MAX_CHANNELS);
        count((long) input(json).channels() * outputs);
        return builder.fullyConnected(input(json), text(json, "scope"), outputs);
      case "batchNorm":
        return builder.batchNorm(
            input(json),
            text(json, "scope"),
            flag(json, "scaled"),
            number(json, "epsilon", 0, 1),
            number(json, "decay", 0, 1));
      case "relu":
        return builder.relu(input(json));
      case "sigmoid":
        return builder.sigmoid(input(json));
      case "maxPool":
        return builder.maxPool(input(json), window(json), flag(json, "countsPadding"));
      case "averagePool":
        return builder.averagePool(input(json), window(json), flag(json, "countsPadding"));
      case "subsample":
        return builder.subsample(input(json), integer(json, "stride", 2, MAX_SIDE));
      case "globalAveragePool":
        return builder.globalAveragePool(input(json));
      case "bilinearPool":
        return builder.globalPool(input(json), new Operation.BilinearPool());
      case "tensorSketchPool":
        int dimension = integer(json, "dimension", 1, Operation.TensorSketchPool.MOST_DIMENSIONS);
        return builder.globalPool(
            input(json), new Operation.TensorSketchPool(dimension, seed(json)));
      case "signedSquareRoot":
        return builder.signedSquareRoot(input(json), number(json, "epsilon", 0, 1));
      case "l2Normalization":
        return builder.l2Normalization(input(json), number(json, "epsilon", 0, 1));
      case "add":
        List<Node> summands = inputs(json, 2, 2);
        return builder.add(summands.get(0), summands.get(1), number(json, "scale", -1e9, 1e9));
      case "multiply":
        return builder.multiply(input(json), number(json, "factor", -1e9, 1e9));
      case "scaleChannels":
        List<Node> factors = inputs(json, 2, 2);
        return builder.scaleChannels(factors.get(0), factors.get(1));
      case "concatenate":
        return concatenate(builder, json);
      case "dropout":
        double kept = number(json, "keepProbability", 0, 1);
        require(kept > 0, "\"keepProbability\": expected more than 0");
        return builder.dropout(input(json), kept);
      default:
        throw damaged("\"operation\": '" + operation + "' is not known");
    }
  }

  private Node convolution(GraphBuilder builder, JsonObject json) {
    decayBiases(builder, json);
    Node input = input(json);
    Window window = window(json);
    int channels = integer(json, "channels", 1, MAX_CHANNELS);
    count((long) window.height() * window.width() * input.channels() * channels);
    return builder.convolution(
        input, text(json, "scope"), channels, window, flag(json, "biases"), start(json));
  }

  private Node concatenate(GraphBuilder builder, JsonObject json) {
    List<Node> parts = inputs(json, 2, 1024);
    long channels = parts.stream().mapToLong(Node::channels).sum();
    require(channels <= MAX_CHANNELS, "concatenates " + channels + " channels");
    return builder.concatenate(parts);
  }

  private void count(long weights) {
    values += weights;
    require(values <= MAX_VALUES, "the network has more than " + MAX_VALUES + " weights so far");
  }

  private void decayBiases(GraphBuilder builder, JsonObject json) {
    if (flag(json, "biasesDecay")) {
      builder.decayBiases();
    }
  }

  private Initializer start(JsonObject json) {
    if (!json.has("start")) {
      return new Initializer.Constant(0);
    }
    JsonObject start = object(json.get("start"), "a start");
    require(start.size() == 1, "\"start\": expected one member");
    String kind = start.keySet().iterator().next();
    double value = number(start, kind, -1e9, 1e9);
    return switch (kind) {
      case "truncatedNormal" -> new Initializer.TruncatedNormal(value);
      case "uniform" -> new Initializer.Uniform(value);
      case "constant" -> new Initializer.Constant(value);
      default -> throw damaged("\"start\": '" + kind + "' is not known");
    };
  }

  private Window window(JsonObject json) {
    JsonArray kernel = array(json, "kernel", 2, 2);
    String padding = text(json, "padding");
    Padding known =
        Arrays.stream(Padding.values())
            .filter(candidate -> candidate.name().equals(padding))
            .findFirst()
            .orElseThrow(() -> damaged("\"padding\": '" + padding + "' is not known"));
    return new Window(
        integer(kernel.get(0), "kernel", 1, MAX_SIDE),
        integer(kernel.get(1), "kernel", 1, MAX_SIDE),
        integer(json, "stride", 1, MAX_SIDE),
        known);
  }

  private Node input(JsonObject json) {
    return inputs(json, 1, 1).get(0);
  }

  private List<Node> inputs(JsonObject json, int least, int most) {
    List<Node> inputs = new ArrayList<>();
    array(json, "inputs", least, most).forEach(index -> inputs.add(node(index, "inputs")));
    return inputs;
  }

  private Node node(JsonElement index, String member) {
    require(!nodes.isEmpty(), "\"" + member + "\": reads a node before the first");
    return nodes.get(integer(index, member, 0, nodes.size() - 1));
  }

  private JsonObject object(JsonElement element, String what) {
    require(element != null && element.isJsonObject(), "expected " + what);
    return element.getAsJsonObject();
  }

  private JsonArray array(JsonObject json, String member, int least, int most) {
    JsonElement element = json.get(member);
    require(element != null && element.isJsonArray(), "\"" + member + "\": expected an array");
    int size = element.getAsJsonArray().size();
    require(
        size >= least && size <= most,
        String.format(
            Locale.ROOT, "\"%s\": expected %d to %d entries, found %d", member, least, most, size));
    return element.getAsJsonArray();
  }

  private String text(JsonObject json, String member) {
    JsonPrimitive value = primitive(json.get(member), member);
    String text = value.isString() ? value.getAsString() : "";
    require(
        !text.isBlank() && text.length() <= MAX_NAME,
        "\"" + member + "\": expected a text of 1 to " + MAX_NAME + " characters");
    return text;
  }

  /** False where it is not said. */
  private boolean flag(JsonObject json, String member) {
    if (!json.has(member)) {
      return false;
    }
    JsonPrimitive value = primitive(json.get(member), member);
    require(value.isBoolean(), "\"" + member + "\": expected true or false");
    return value.getAsBoolean();
  }

  private int integer(JsonObject json, String member, int least, int most) {
    return integer(json.get(member), member, least, most);
  }

  private int integer(JsonElement element, String member, int least, int most) {
    double value = number(element, member, least, most);
    require(value == Math.rint(value), "\"" + member + "\": expected a whole number");
    return (int) value;
  }

  /** Any long, to its last digit, where other numbers pass through a double. */
  private long seed(JsonObject json) {
    JsonPrimitive value = primitive(json.get("seed"), "seed");
    try {
      require(value.isNumber(), "\"seed\": expected a number");
      return Long.parseLong(value.getAsString());
    } catch (NumberFormatException e) {
      throw damaged("\"seed\": expected a whole number of 64 bits, found " + value);
    }
  }

  private double number(JsonObject json, String member, double least, double most) {
    return number(json.get(member), member, least, most);
  }

  private double number(JsonElement element, String member, double least, double most) {
    JsonPrimitive value = primitive(element, member);
    double number = value.isNumber() ? value.getAsDouble() : Double.NaN;
    require(
        number >= least && number <= most,
        String.format(
            Locale.ROOT, "\"%s\": expected %s to %s, found %s", member, least, most, value));
    return number;
  }

  private JsonPrimitive primitive(JsonElement element, String member) {
    require(element != null && element.isJsonPrimitive(), "\"" + member + "\" is missing");
    return element.getAsJsonPrimitive();
  }

  private void require(boolean condition, String problem) {
    if (!condition) {
      throw damaged(problem);
    }
  }

  private GraphFormatException damaged(String problem) {
    return new GraphFormatException(source, place, problem);
  }
}
