package dev.fgvc.nets.weights;

import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.NetworkGraph;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * A network with all that is needed to use it again: in a file, safetensors whose metadata hold the
 * rest, so that other tools can read the tensors too.
 *
 * @param graph the network itself
 * @param weights a value for each of its variables, and nothing else
 * @param resolution of the images it was trained with
 * @param normalization of their pixels
 * @param classNames one for each class, or none
 * @param provenance where the weights come from
 */
public record SavedNetwork(
    NetworkGraph graph,
    Weights weights,
    Resolution resolution,
    Normalization normalization,
    List<String> classNames,
    Provenance provenance) {

  /**
   * Refuses parts that do not fit each other.
   *
   * @param graph the network itself
   * @param weights a value for each of its variables, and nothing else
   * @param resolution of the images it was trained with
   * @param normalization of their pixels
   * @param classNames one for each class, or none
   * @param provenance where the weights come from
   */
  public SavedNetwork {
    classNames = List.copyOf(classNames);
    weights.requireFor(graph);
    if (weights.names().size() != graph.parameters().size()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "weights for %s: %d tensors for %d variables",
              graph.name(),
              weights.names().size(),
              graph.parameters().size()));
    }
    if (!classNames.isEmpty() && classNames.size() != graph.classes()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s: %d class names for %d classes",
              graph.name(),
              classNames.size(),
              graph.classes()));
    }
  }

  /**
   * Reads a file that {@link #write} has written.
   *
   * @param file the file
   * @return the network
   * @throws WeightsFormatException if the file is damaged, or holds tensors without the rest; those
   *     alone are read by {@link Weights#read}
   * @throws IOException if it cannot be read
   */
  public static SavedNetwork read(Path file) throws IOException {
    try (Safetensors tensors = Safetensors.open(file)) {
      return NetworkMetadata.read(file, tensors.metadata(), Weights.of(tensors.weights()));
    }
  }

  /**
   * Writes the network to a file, whole or not at all.
   *
   * @param file to be written or replaced
   * @throws IOException if it cannot be written; what stood there before is untouched
   */
  public void write(Path file) throws IOException {
    weights.write(file, NetworkMetadata.of(this));
  }

  /**
   * The contents of the file that {@link #write} writes.
   *
   * @return safetensors with metadata
   * @throws IllegalStateException if they do not fit into one array, which holds 2 GiB
   */
  public byte[] toBytes() {
    return weights.toBytes(NetworkMetadata.of(this));
  }

  /**
   * Reads what {@link #read} reads, from memory.
   *
   * @param contents of a file that {@link #write} has written
   * @return the network
   * @throws WeightsFormatException as {@link #read} does
   */
  public static SavedNetwork fromBytes(byte[] contents) {
    try (Safetensors tensors = Safetensors.of(contents, Weights.IN_MEMORY)) {
      return NetworkMetadata.read(
          Weights.IN_MEMORY, tensors.metadata(), Weights.of(tensors.weights()));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory can always be read
    }
  }
}
