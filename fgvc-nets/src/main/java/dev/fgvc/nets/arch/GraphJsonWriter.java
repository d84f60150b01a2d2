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
    members(node.operation(), json);
    nodes.add(json);
  }

  private void members(Operation operation, JsonObject json) {
    if (operation instanceof Operation.Input input) {
      json.addProperty("channels", input.channels());
    } else if (operation instanceof Operation.Convolution convolution) {
      json.addProperty("scope", convolution.scope());
      window(convolution.window(), json);
      json.addProperty("channels", convolution.outputChannels());
      json.addProperty("biases", convolution.biases());
      json.add("start", start(parameters.get(convolution.scope() + "/weights").initializer()));
      biasesDecay(convolution.scope(), json);
    } else if (operation instanceof Operation.FullyConnected layer) {
      json.addProperty("scope", layer.scope());
      json.addProperty("channels", layer.outputs());
      biasesDecay(layer.scope(), json);
    } else if (operation instanceof Operation.BatchNorm norm) {
      json.addProperty("scope", norm.scope());
      json.addProperty("scaled", norm.scaled());
      json.addProperty("epsilon", norm.epsilon());
      json.addProperty("decay", norm.decay());
    } else if (operation instanceof Operation.MaxPool pool) {
      window(pool.window(), json);
      json.addProperty("countsPadding", pool.countsPadding());
    } else if (operation instanceof Operation.AveragePool pool) {
      window(pool.window(), json);
      json.addProperty("countsPadding", pool.countsPadding());
    } else if (operation instanceof Operation.Subsample subsample) {
      json.addProperty("stride", subsample.stride());
    } else if (operation instanceof Operation.Add add) {
      json.addProperty("scale", add.scale());
    } else if (operation instanceof Operation.Multiply multiply) {
      json.addProperty("factor", multiply.factor());
    } else if (operation instanceof Operation.Dropout dropout) {
      json.addProperty("keepProbability", dropout.keepProbability());
    }
  }

  /** Said only where it is so: weight decay on biases is the Inception-ResNets' own habit. */
  private void biasesDecay(String scope, JsonObject json) {
    Parameter biases = parameters.get(scope + "/biases");
    if (biases != null && biases.weightDecay()) {
      json.addProperty("biasesDecay", true);
    }
  }

  private static void window(Window window, JsonObject json) {
    JsonArray kernel = new JsonArray();
    kernel.add(window.height());
    kernel.add(window.width());
    json.add("kernel", kernel);
    json.addProperty("stride", window.stride());
    json.addProperty("padding", window.padding().name());
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
