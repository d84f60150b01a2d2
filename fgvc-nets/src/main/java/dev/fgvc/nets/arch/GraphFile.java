package dev.fgvc.nets.arch;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.fgvc.file.WholeFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Networks as JSON, so that a backbone of one's own needs no code: a list of steps, each with its
 * operation, the indices of the steps it reads and the operation's own members.
 *
 * <pre>{@code
 * {
 *   "format": "fgvc-graph",
 *   "version": 1,
 *   "name": "tiny",
 *   "nodes": [
 *     {"operation": "input", "channels": 3},
 *     {"operation": "convolution", "inputs": [0], "scope": "tiny/conv", "kernel": [3, 3],
 *      "stride": 2, "padding": "SAME", "channels": 16, "biases": true,
 *      "start": {"truncatedNormal": 0.3}},
 *     {"operation": "relu", "inputs": [1]},
 *     {"operation": "globalAveragePool", "inputs": [2]},
 *     {"operation": "fullyConnected", "inputs": [3], "scope": "tiny/fc", "channels": 10}
 *   ],
 *   "endpoints": {"last": 2},
 *   "features": 3,
 *   "logits": 4
 * }
 * }</pre>
 *
 * <p>The other operations are batchNorm (scope, scaled, epsilon, decay), sigmoid, maxPool and
 * averagePool (kernel, stride, padding, countsPadding), subsample (stride), add (scale), multiply
 * (factor), scaleChannels, concatenate, dropout (keepProbability), bilinearPool, tensorSketchPool
 * (dimension, seed), signedSquareRoot (epsilon) and l2Normalization (epsilon). Paddings are those
 * of {@link Padding}; starts are truncatedNormal, uniform and constant. A backbone for features
 * only may leave "logits" out: then its class scores are its features.
 *
 * <p>A description may come from anywhere: sizes are bounded, unknown operations are refused, and
 * all that {@link GraphBuilder} checks is checked.
 */
public final class GraphFile {

  /** The largest of the paper's networks takes a twentieth of it. */
  private static final int MAX_LENGTH = 1 << 22;

  private GraphFile() {}

  /**
   * Reads a graph from a file.
   *
   * @param file of JSON in UTF-8, at most 4 MiB
   * @return the graph
   * @throws GraphFormatException if the file is damaged or describes no network
   * @throws IOException if it cannot be read
   */
  public static NetworkGraph read(Path file) throws IOException {
    if (Files.size(file) > MAX_LENGTH) {
      throw new GraphFormatException(
          file.toString(),
          "whole file",
          "expected at most " + MAX_LENGTH + " bytes, found " + Files.size(file));
    }
    byte[] bytes = Files.readAllBytes(file);
    return parse(new String(bytes, StandardCharsets.UTF_8), file.toString());
  }

  /**
   * Writes a graph to a file, whole or not at all.
   *
   * @param graph the network
   * @param file to be written or replaced
   * @throws IOException if it cannot be written; what stood there before is untouched
   */
  public static void write(NetworkGraph graph, Path file) throws IOException {
    byte[] bytes = toJson(graph).getBytes(StandardCharsets.UTF_8);
    WholeFile.write(file, channel -> WholeFile.writeFully(channel, ByteBuffer.wrap(bytes)));
  }

  /**
   * A graph as JSON.
   *
   * @param graph the network
   * @return text that {@link #parse} turns into an equal graph
   */
  public static String toJson(NetworkGraph graph) {
    return GraphJsonWriter.toJson(graph).toString();
  }

  /**
   * The graph that a text describes.
   *
   * @param json the description, at most 4 Mi characters
   * @param source where the text is from, for error messages
   * @return the graph
   * @throws GraphFormatException if the text is damaged or describes no network
   */
  public static NetworkGraph parse(String json, String source) {
    if (json.length() > MAX_LENGTH) {
      throw new GraphFormatException(
          source, "whole text", "longer than " + MAX_LENGTH + " characters");
    }
    JsonElement root;
    try {
      root = JsonParser.parseString(json);
    } catch (JsonParseException | StackOverflowError e) {
      throw new GraphFormatException(source, "whole text", "is not JSON: " + e.getMessage());
    }
    return new GraphJsonReader(source).graph(root);
  }
}
