package dev.fgvc.nets.arch;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Turns a graph into the JSON that {@link GraphFile} describes. */
final class GraphJsonWriter {

  private final JsonArray nodes = new JsonArray();
  private final Map<String, Parameter> parameters;

  private GraphJsonWriter(NetworkGraph graph) {
    parameters =
        graph.parameters().stream().collect(Collectors.toMap(Parameter::name, Function.identity()));
  }

  static JsonObject toJson(NetworkGraph graph) {
    GraphJsonWriter writer = new GraphJsonWriter(graph);
    graph.nodes().forEach(writer::add);
    JsonObject endpoints = new JsonObject();
    graph.endpoints().forEach((name, node) -> endpoints.addProperty(name, node.index()));
    JsonObject root = new JsonObject();
    root.addProperty("format", GraphJsonReader.FORMAT);
    root.addProperty("version", GraphJsonReader.VERSION);
    root.addProperty("name", graph.name());
    root.add("nodes", writer.nodes);
    root.add("endpoints", endpoints);
    root.addProperty("features", graph.features().index());
    root.addProperty("logits", graph.logits().index());
    graph.auxiliaryLogits().ifPresent(node -> root.addProperty("auxiliaryLogits", node.index()));
    return root;
  }

  private void add(Node node) {
    String record = node.operation().getClass().getSimpleName();
    JsonObject json = new JsonObject();
    json.addProperty("operation", Character.toLowerCase(record.charAt(0)) + record.substring(1));
    if (!node.inputs().isEmpty()) {
      JsonArray inputs = new JsonArray();
      node.inputs().forEach(inputs::add);
      json.add("inputs", inputs);
    }
    nodes.add(node.operation().accept(new Members(json)));
  }

  /** Adds what an operation has besides its inputs to the object that describes it. */
  private final class Members implements Operation.Visitor<JsonObject> {

    private final JsonObject json;

    Members(JsonObject json) {
      this.json = json;
    }

    @Override
    public JsonObject input(Operation.Input input) {
      json.addProperty("channels", input.channels());
      return json;
    }

    @Override
    public JsonObject convolution(Operation.Convolution convolution) {
      json.addProperty("scope", convolution.scope());
      window(convolution.window());
      json.addProperty("channels", convolution.outputChannels());
      json.addProperty("biases", convolution.biases());
      json.add("start", start(parameters.get(convolution.scope() + "/weights").initializer()));
      biasesDecay(convolution.scope());
      return json;
    }

    @Override
    public JsonObject fullyConnected(Operation.FullyConnected layer) {
      json.addProperty("scope", layer.scope());
      json.addProperty("channels", layer.outputs());
      biasesDecay(layer.scope());
      return json;
    }

    @Override
    public JsonObject batchNorm(Operation.BatchNorm norm) {
      json.addProperty("scope", norm.scope());
      json.addProperty("scaled", norm.scaled());
      json.addProperty("epsilon", norm.epsilon());
      json.addProperty("decay", norm.decay());
      return json;
    }

    @Override
    public JsonObject relu(Operation.Relu relu) {
      return json;
    }

    @Override
    public JsonObject sigmoid(Operation.Sigmoid sigmoid) {
      return json;
    }

    @Override
    public JsonObject maxPool(Operation.MaxPool pool) {
      window(pool.window());
      json.addProperty("countsPadding", pool.countsPadding());
      return json;
    }

    @Override
    public JsonObject averagePool(Operation.AveragePool pool) {
      window(pool.window());
      json.addProperty("countsPadding", pool.countsPadding());
      return json;
    }

    @Override
    public JsonObject subsample(Operation.Subsample subsample) {
      json.addProperty("stride", subsample.stride());
      return json;
    }

    @Override
    public JsonObject globalAveragePool(Operation.GlobalAveragePool pool) {
      return json;
    }

    @Override
    public JsonObject bilinearPool(Operation.BilinearPool pool) {
      return json;
    }

    @Override
    public JsonObject tensorSketchPool(Operation.TensorSketchPool pool) {
      json.addProperty("dimension", pool.dimension());
      json.addProperty("seed", pool.seed());
      return json;
    }

    @Override
    public JsonObject signedSquareRoot(Operation.SignedSquareRoot root) {
      json.addProperty("epsilon", root.epsilon());
      return json;
    }

    @Override
    public JsonObject l2Normalization(Operation.L2Normalization norm) {
      json.addProperty("epsilon", norm.epsilon());
      return json;
    }

    @Override
    public JsonObject add(Operation.Add add) {
      json.addProperty("scale", add.scale());
      return json;
    }

    @Override
    public JsonObject multiply(Operation.Multiply multiply) {
      json.addProperty("factor", multiply.factor());
      return json;
    }

    @Override
    public JsonObject scaleChannels(Operation.ScaleChannels scale) {
      return json;
    }

    @Override
    public JsonObject concatenate(Operation.Concatenate concatenate) {
      return json;
    }

    @Override
    public JsonObject dropout(Operation.Dropout dropout) {
      json.addProperty("keepProbability", dropout.keepProbability());
      return json;
    }

    /** Said only where it is so: weight decay on biases is the Inception-ResNets' own habit. */
    private void biasesDecay(String scope) {
      Parameter biases = parameters.get(scope + "/biases");
      if (biases != null && biases.weightDecay()) {
        json.addProperty("biasesDecay", true);
      }
    }

    private void window(Window window) {
      JsonArray kernel = new JsonArray();
      kernel.add(window.height());
      kernel.add(window.width());
      json.add("kernel", kernel);
      json.addProperty("stride", window.stride());
      json.addProperty("padding", window.padding().name());
    }
  }

  private static JsonObject start(Initializer initializer) {
    JsonObject json = new JsonObject();
    if (initializer instanceof Initializer.TruncatedNormal normal) {
      json.addProperty("truncatedNormal", normal.deviation());
    } else if (initializer instanceof Initializer.Uniform uniform) {
      json.addProperty("uniform", uniform.limit());
    } else if (initializer instanceof Initializer.Constant constant) {
      json.addProperty("constant", constant.value());
    }
    return json;
  }
}
