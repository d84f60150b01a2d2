package dev.fgvc.nets.engine.nd4j;

import dev.fgvc.nets.arch.MapShape;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.folding.FoldedWeights;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Walks a graph with folded batch norms, an image at a time; activations go as soon as nothing
 * reads them.
 */
final class FoldedForward implements AutoCloseable {

  private final NetworkGraph graph;
  private final FoldedWeights folded;
  private final ArrayScope owned = new ArrayScope();

  /** The arrays of convolutions, fully connected layers and batch norms that stayed. */
  private final Map<Integer, MapOperations.Kernel> kernels = new HashMap<>();

  /** For each node the one that really computes its output. */
  private final int[] producers;

  FoldedForward(NetworkGraph graph, FoldedWeights folded) {
    this.graph = graph;
    this.folded = folded;
    producers = new int[graph.nodes().size()];
    try {
      for (Node node : graph.nodes()) {
        producers[node.index()] =
            folded.isIdentity(node) ? producers[node.inputs().get(0)] : node.index();
        folded
            .layer(node)
            .ifPresent(
                layer ->
                    kernels.put(
                        node.index(), layer.operation().acceptLayer(new LayerArrays(layer))));
      }
    } catch (OutOfMemoryError | RuntimeException e) {
      owned.close();
      throw e;
    }
  }

  /** Makes the arrays of a layer. */
  private final class LayerArrays implements Operation.Layer.Visitor<MapOperations.Kernel> {

    private final FoldedWeights.Layer values;

    LayerArrays(FoldedWeights.Layer values) {
      this.values = values;
    }

    @Override
    public MapOperations.Kernel convolution(Operation.Convolution convolution) {
      int cells = convolution.window().height() * convolution.window().width();
      return product(cells, convolution.inputChannels(), convolution.outputChannels());
    }

    @Override
    public MapOperations.Kernel fullyConnected(Operation.FullyConnected layer) {
      return product(1, layer.inputs(), layer.outputs());
    }

    @Override
    public MapOperations.Kernel batchNorm(Operation.BatchNorm norm) {
      return new MapOperations.Kernel(
          owned.of(values.factors().toArray(), norm.channels()), offsets());
    }

    private MapOperations.Kernel product(int cells, int inputs, int outputs) {
      float[] matrix = KernelOrder.toMatrix(values.factors().toArray(), cells, inputs, outputs);
      return new MapOperations.Kernel(owned.of(matrix, outputs, (long) cells * inputs), offsets());
    }

    private List<INDArray> offsets() {
      return values.offsets().map(each -> List.of(owned.of(each, each.length))).orElse(List.of());
    }
  }

  /** The values of some nodes' outputs for one image. */
  List<float[]> run(Images images, int image, List<MapShape> shapes, List<Node> wanted) {
    return run(
        scope -> ImageArrays.of(scope, images, image),
        shapes,
        wanted,
        outputs -> outputs.stream().map(ArrayScope::values).toList());
  }

  /**
   * Computes some nodes for one image.
   *
   * @param image makes an activation [1, 3, height, width] in a scope
   * @param reader gets the outputs, which end with this call
   */
  <T> T run(
      Function<ArrayScope, INDArray> image,
      List<MapShape> shapes,
      List<Node> wanted,
      Function<List<INDArray>, T> reader) {
    int[] readers = readers(wanted);
    INDArray[] results = new INDArray[readers.length];
    try (ArrayScope scope = new ArrayScope()) {
      for (Node node : graph.nodes()) {
        int index = node.index();
        if (readers[index] == 0 || producers[index] != index) {
          continue;
        }
        results[index] =
            node.operation() instanceof Operation.Input
                ? image.apply(scope)
                : node.operation()
                    .accept(new Step(scope, node, results, readers, shapes.get(index)));
        for (int input : node.inputs()) {
          int producer = producers[input];
          if (--readers[producer] == 0 && results[producer] != results[index]) {
            scope.release(results[producer]);
          }
        }
      }
      return reader.apply(wanted.stream().map(node -> results[producers[node.index()]]).toList());
    }
  }

  /** How many needed nodes read each producer's output, plus one for each wanted result. */
  private int[] readers(List<Node> wanted) {
    int[] readers = new int[graph.nodes().size()];
    wanted.forEach(node -> readers[producers[node.index()]]++);
    for (int i = readers.length - 1; i >= 0; i--) {
      if (readers[i] > 0) {
        graph.nodes().get(i).inputs().forEach(input -> readers[producers[input]]++);
      }
    }
    return readers;
  }

  /** Computes a node with the folded weights. */
  private final class Step extends ForwardStep {

    private final Node node;
    private final INDArray[] results;
    private final int[] readers;

    Step(ArrayScope scope, Node node, INDArray[] results, int[] readers, MapShape shape) {
      super(scope, node, shape);
      this.node = node;
      this.results = results;
      this.readers = readers;
    }

    @Override
    INDArray input(int which) {
      return results[producers[node.inputs().get(which)]];
    }

    @Override
    MapOperations.Kernel kernel(Operation.Layer layer) {
      return kernels.get(node.index());
    }

    /** In place if nobody else reads the input. */
    @Override
    INDArray target() {
      return readers[producers[node.inputs().get(0)]] == 1 ? input(0) : empty();
    }

    @Override
    double scale(Operation.Add sum) {
      return folded.remainingScale(graph, node, sum);
    }

    @Override
    public INDArray batchNorm(Operation.BatchNorm norm) {
      INDArray output = target();
      MapOperations.Kernel affine = kernels.get(node.index());
      MapOperations.multiplyPerChannel(input(0), affine.matrix(), output);
      affine.biases().forEach(offsets -> MapOperations.addPerChannel(output, offsets));
      return output;
    }

    @Override
    public INDArray dropout(Operation.Dropout dropout) {
      throw new IllegalStateException("dropout disappears in folding");
    }
  }

  @Override
  public void close() {
    owned.close();
  }
}
