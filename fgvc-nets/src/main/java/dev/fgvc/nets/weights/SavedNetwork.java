package dev.fgvc.nets.weights;

import dev.fgvc.image.CentralCrop;
import dev.fgvc.image.ImageDecoding;
import dev.fgvc.image.ImageTransform;
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
 * @param upright whether photos are turned as their EXIF or XMP tells before the network sees them
 * @param temperature positive and finite; what logits are divided by before the softmax, 1 for a
 *     network that was not {@linkplain dev.fgvc.metric.Calibration calibrated}
 */
public record SavedNetwork(
    NetworkGraph graph,
    Weights weights,
    Resolution resolution,
    Normalization normalization,
    List<String> classNames,
    Provenance provenance,
    boolean upright,
    double temperature) {

  /** Refuses parts that do not fit each other. */
  public SavedNetwork {
    if (!(temperature > 0) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException(
          graph.name() + ": temperature " + temperature + " must be positive and finite");
    }
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
   * A network that looks at upright photos and was not calibrated.
   *
   * @param graph the network itself
   * @param weights a value for each of its variables, and nothing else
   * @param resolution of the images it was trained with
   * @param normalization of their pixels
   * @param classNames one for each class, or none
   * @param provenance where the weights come from
   */
  public SavedNetwork(
      NetworkGraph graph,
      Weights weights,
      Resolution resolution,
      Normalization normalization,
      List<String> classNames,
      Provenance provenance) {
    this(graph, weights, resolution, normalization, classNames, provenance, true, 1);
  }

  /**
   * The same calibrated.
   *
   * @param fitted what logits are to be divided by, positive and finite
   * @return a changed copy
   */
  public SavedNetwork withTemperature(double fitted) {
    return new SavedNetwork(
        graph, weights, resolution, normalization, classNames, provenance, upright, fitted);
  }

  /**
   * The same for photos as they are stored, or upright. A network should see photos as those it was
   * trained on: {@link dev.fgvc.image.RandomCrop} leaves them as they are unless told otherwise.
   *
   * @param turned whether EXIF's and XMP's orientation is applied
   * @return a changed copy
   */
  public SavedNetwork withUpright(boolean turned) {
    return new SavedNetwork(
        graph, weights, resolution, normalization, classNames, provenance, turned, temperature);
  }

  /**
   * Returns the transform that makes an image file this network's input: the central crop at its
   * resolution, turned upright if so saved, with its normalization.
   *
   * <p>That is the paper's way, which cuts out {@link CentralCrop#FRACTION} of both sides and then
   * resizes it, as the networks of this library are trained and measured. Networks of timm and
   * torchvision are resized with antialiasing before the crop: {@link
   * dev.fgvc.nets.backbone.BackboneTransform} does that, and is the one to give where such weights
   * were imported.
   *
   * @return a transform of one view without random choices
   */
  public ImageTransform transform() {
    return normalization.after(
        CentralCrop.of(resolution).withDecoding(ImageDecoding.exact().withUpright(upright)));
  }

  /**
   * Returns the name of a class.
   *
   * @param label from 0 to the number of classes less 1
   * @return its name, or its number where classes have no names
   */
  public String className(int label) {
    return classNames.isEmpty() ? Integer.toString(label) : classNames.get(label);
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
