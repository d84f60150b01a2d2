package dev.fgvc.nets.engine.folding;

import dev.fgvc.natives.NativeLibrary;
import dev.fgvc.natives.SharedUse;
import dev.fgvc.nets.arch.MapShape;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.engine.ClassSums;
import dev.fgvc.nets.engine.DeviceClassMeans;
import dev.fgvc.nets.engine.ImageBatch;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.engine.guard.GuardedClassSums;
import dev.fgvc.nets.weights.Weights;
import java.util.List;
import java.util.function.Supplier;
import org.ejml.data.FMatrixRMaj;

/**
 * A compiled network as far as it is the same on every engine: it refuses what cannot be computed,
 * computes for several threads at once, and waits for them before its native memory is freed.
 */
public abstract class FoldedNetwork implements Network {

  private final NativeLibrary library;
  private final NetworkGraph graph;
  private final Weights weights;
  private final FoldedWeights folded;
  private final SharedUse use;

  /**
   * Folds the weights.
   *
   * @param library that the engine computes with
   * @param graph the network
   * @param weights a value for each of its variables
   */
  protected FoldedNetwork(NativeLibrary library, NetworkGraph graph, Weights weights) {
    this.library = library;
    this.graph = graph;
    this.weights = weights;
    this.use = new SharedUse(graph.name());
    this.folded = FoldedWeights.of(graph, weights);
  }

  @Override
  public final NetworkGraph graph() {
    return graph;
  }

  @Override
  public final Weights weights() {
    return weights;
  }

  /**
   * Returns what the engine's layers are made of.
   *
   * @return the folded weights
   */
  protected final FoldedWeights folded() {
    return folded;
  }

  @Override
  public final List<FMatrixRMaj> outputs(List<Node> nodes, ImageBatch images) {
    // refuses images too small before a native library does
    List<MapShape> shapes = graph.shapes(images.resolution(), nodes);
    folded.requireComputed(graph, nodes);
    return whileOpen(() -> compute(nodes, images, shapes));
  }

  @Override
  public final DeviceClassMeans classMeans(int classes) {
    return new DeviceClassMeans(
        graph,
        classes,
        count -> new GuardedClassSums(library, graph.name(), whileOpen(() -> newClassSums(count))));
  }

  /**
   * Runs something that needs the layers, and keeps closing away meanwhile.
   *
   * @param <T> what it gives
   * @param work to run, on the calling thread
   * @return what it gives
   * @throws IllegalStateException if the network is closed
   */
  public final <T> T whileOpen(Supplier<T> work) {
    return use.whileOpen(work);
  }

  @Override
  public final void close() {
    use.close(this::release);
  }

  /**
   * Computes outputs. Called while the network is open, by several threads at once.
   *
   * @param nodes whose output can be computed
   * @param images a batch that is not too small
   * @param shapes of the outputs that are needed, by the index of their node
   * @return for each node a matrix with one row for each image
   */
  protected abstract List<FMatrixRMaj> compute(
      List<Node> nodes, ImageBatch images, List<MapShape> shapes);

  /**
   * Makes sums of the penultimate features on the network's device. Called while it is open.
   *
   * @param classes at least 1
   * @return sums that are all 0
   */
  protected abstract ClassSums newClassSums(int classes);

  /** Frees the native memory. Called once, when nothing computes. */
  protected abstract void release();
}
