package dev.fgvc.nets.weights;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.GraphFile;
import dev.fgvc.nets.arch.GraphFormatException;
import dev.fgvc.nets.arch.NetworkGraph;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The texts that stand beside the tensors of a {@link SavedNetwork}: short ones for people and
 * other tools (architecture, classes), JSON for what is read back.
 */
final class NetworkMetadata {

  private static final String FORMAT = "fgvc-network";
  private static final String VERSION = "1";

  /** Files of before it existed lack it. */
  private static final String INFERENCE = "inference";

  private NetworkMetadata() {}

  static Map<String, String> of(SavedNetwork network) {
    JsonArray classNames = new JsonArray();
    network.classNames().forEach(classNames::add);
    JsonObject resolution = new JsonObject();
    resolution.addProperty("height", network.resolution().height());
    resolution.addProperty("width", network.resolution().width());
    JsonObject normalization = new JsonObject();
    normalization.add("mean", numbers(network.normalization().mean()));
    normalization.add("deviation", numbers(network.normalization().deviation()));
    JsonObject provenance = new JsonObject();
    provenance.addProperty("data", network.provenance().data());
    provenance.addProperty("recipe", network.provenance().recipe());
    provenance.addProperty("seed", network.provenance().seed());
    provenance.addProperty("version", network.provenance().version());
    JsonObject inference = new JsonObject();
    inference.addProperty("upright", network.upright());
    inference.addProperty("temperature", network.temperature());

    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", FORMAT);
    metadata.put("version", VERSION);
    metadata.put("architecture", network.graph().name());
    metadata.put("classes", Integer.toString(network.graph().classes()));
    metadata.put("resolution", resolution.toString());
    metadata.put("normalization", normalization.toString());
    metadata.put("class_names", classNames.toString());
    metadata.put("provenance", provenance.toString());
    metadata.put(INFERENCE, inference.toString());
    metadata.put("graph", GraphFile.toJson(network.graph()));
    return metadata;
  }

  static SavedNetwork read(Path file, Map<String, String> metadata, Weights weights) {
    requireText(file, metadata, "format", FORMAT);
    requireText(file, metadata, "version", VERSION);
    try {
      NetworkGraph graph = GraphFile.parse(text(file, metadata, "graph"), file + ", its graph");
      requireText(file, metadata, "architecture", graph.name());
      requireText(file, metadata, "classes", Integer.toString(graph.classes()));
      JsonObject resolution = json(file, metadata, "resolution").getAsJsonObject();
      JsonObject normalization = json(file, metadata, "normalization").getAsJsonObject();
      JsonObject provenance = json(file, metadata, "provenance").getAsJsonObject();
      List<String> classNames = new ArrayList<>();
      json(file, metadata, "class_names")
          .getAsJsonArray()
          .forEach(name -> classNames.add(name.getAsString()));
      SavedNetwork network =
          new SavedNetwork(
              graph,
              weights,
              new Resolution(
                  resolution.get("height").getAsInt(), resolution.get("width").getAsInt()),
              new Normalization(
                  numbers(normalization.get("mean")), numbers(normalization.get("deviation"))),
              classNames,
              new Provenance(
                  provenance.get("data").getAsString(),
                  provenance.get("recipe").getAsString(),
                  provenance.get("seed").getAsLong(),
                  provenance.get("version").getAsString()));
      if (!metadata.containsKey(INFERENCE)) {
        return network;
      }
      JsonObject inference = json(file, metadata, INFERENCE).getAsJsonObject();
      return network
          .withUpright(inference.get("upright").getAsBoolean())
          .withTemperature(inference.get("temperature").getAsDouble());
    } catch (WeightsFormatException e) {
      throw e;
    } catch (GraphFormatException e) {
      throw new WeightsFormatException(file, "metadata: " + e.getMessage());
    } catch (
        RuntimeException e) { // members that are missing or of another kind, parts that do not fit
      throw new WeightsFormatException(file, "metadata describe no network: " + e.getMessage());
    }
  }

  private static String text(Path file, Map<String, String> metadata, String key) {
    String text = metadata.get(key);
    if (text == null) {
      throw new WeightsFormatException(
          file,
          String.format(
              Locale.ROOT,
              "metadata lack '%s' (found: %s); Weights.read takes tensors alone",
              key,
              metadata.keySet()));
    }
    return text;
  }

  private static void requireText(
      Path file, Map<String, String> metadata, String key, String expected) {
    String found = text(file, metadata, key);
    if (!found.equals(expected)) {
      throw new WeightsFormatException(
          file,
          String.format(
              Locale.ROOT, "metadata '%s': expected '%s', found '%s'", key, expected, found));
    }
  }

  private static JsonElement json(Path file, Map<String, String> metadata, String key) {
    return JsonParser.parseString(text(file, metadata, key));
  }

  private static JsonArray numbers(List<Double> values) {
    JsonArray array = new JsonArray();
    values.forEach(array::add);
    return array;
  }

  private static List<Double> numbers(JsonElement array) {
    List<Double> values = new ArrayList<>();
    array.getAsJsonArray().forEach(value -> values.add(value.getAsDouble()));
    return values;
  }
}
