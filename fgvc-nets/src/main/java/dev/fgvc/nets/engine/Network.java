package dev.fgvc.nets.engine;

import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import dev.fgvc.nets.arch.GraphFile;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.weights.Weights;
import java.util.List;
import java.util.Optional;
import org.ejml.data.FMatrixRMaj;

/**
 * A compiled network in inference mode: batch norms use their moving statistics and nothing is
 * dropped. Any number of threads may use it at once; closing waits for them. Every computation may
 * throw
 *
 * <ul>
 *   <li>{@link IllegalArgumentException} if the images are too small for the network, or a pixel is
 *       NaN or infinite,
 *   <li>{@link IllegalStateException} if the network is closed,
 *   <li>{@link EngineException} if memory does not suffice, and then the network stays usable, or
 *       if the native library fails; its own words are the cause.
 * </ul>
 */
public interface Network extends Backbone, AutoCloseable {

  /**
   * Returns the graph that was compiled.
   *
   * @return the graph
   */
  NetworkGraph graph();

  /**
   * The weights it was compiled from.
   *
   * @return one tensor for each variable
   */
  Weights weights();

  /**
   * The precision in which this network computes: the one that was asked for, but {@link
   * Precision#FP32} for {@link Precision#BF16} on a CPU that would not gain by it.
   *
   * @return the precision of the products
   */
  Precision precision();

  /**
   * The outputs of any nodes, in one pass; all other computations are this one for certain nodes.
   *
   * @param nodes of this network's graph, at least one
   * @param images a batch
   * @return for each node a matrix with one row for each image: its channels, each with its rows
   *     and columns; the shape is that of {@link NetworkGraph#outputShape(Node,
   *     dev.fgvc.image.Resolution)}
   * @throws IllegalArgumentException if a node belongs to another graph, or a pixel is NaN or
   *     infinite
   */
  List<FMatrixRMaj> outputs(List<Node> nodes, ImageBatch images);

  /**
   * The class scores before the softmax.
   *
   * @param images a batch
   * @return [images, classes]
   */
  default FMatrixRMaj logits(ImageBatch images) {
    return outputs(List.of(graph().logits()), images).get(0);
  }

  /**
   * The penultimate features, g(image) of the paper's section 4.1.
   *
   * @param images a batch
   * @return [images, feature dimension]
   */
  @Override
  default FMatrixRMaj features(ImageBatch images) {
    return outputs(List.of(graph().features()), images).get(0);
  }

  @Override
  default int featureDimension() {
    return graph().featureDimension();
  }

  /**
   * The graph's name, the SHA-256 of its JSON form and that of the weights, and the {@linkplain
   * #precision precision} if it is not {@link Precision#FP32}.
   */
  @Override
  default Optional<String> identity() {
    String network = identity(graph(), weights());
    return Optional.of(precision().identityOf(network));
  }

  /**
   * Tells one network from all others, as its {@link #identity()} in {@link Precision#FP32} does.
   *
   * @param graph the network
   * @param weights its values
   * @return name and hashes, in one line
   */
  static String identity(NetworkGraph graph, Weights weights) {
    HashCode hash = Hashing.sha256().hashUnencodedChars(GraphFile.toJson(graph));
    return graph.name() + " #" + hash + " with weights #" + weights.sha256();
  }

  /**
   * The class scores of the auxiliary head.
   *
   * @param images a batch of the resolution for which the head was drawn, or another that it takes
   * @return [images, classes]
   * @throws IllegalArgumentException if the graph has no such head
   */
  default FMatrixRMaj auxiliaryLogits(ImageBatch images) {
    Node head =
        graph()
            .auxiliaryLogits()
            .orElseThrow(
                () -> new IllegalArgumentException(graph().name() + " has no auxiliary head"));
    return outputs(List.of(head), images).get(0);
  }

  /**
   * A named intermediate result.
   *
   * @param name a key of {@link NetworkGraph#endpoints()}
   * @param images a batch
   * @return one row for each image: its channels, each with its rows and columns; the shape is that
   *     of {@link NetworkGraph#outputShape(String, dev.fgvc.image.Resolution)}
   * @throws IllegalArgumentException if there is no such end point
   */
  default FMatrixRMaj endpoint(String name, ImageBatch images) {
    return outputs(List.of(graph().endpoint(name)), images).get(0);
  }

  /**
   * Starts to gather class means of the penultimate features on this network's device, at a rate
   * that the device limits and not the copies to it.
   *
   * @param classes how many, at least 1
   * @return empty sums; the caller closes them, before or after the network
   * @throws IllegalArgumentException if there is no class
   */
  DeviceClassMeans classMeans(int classes);

  /** Frees the native memory. Closing twice does nothing. */
  @Override
  void close();
}
