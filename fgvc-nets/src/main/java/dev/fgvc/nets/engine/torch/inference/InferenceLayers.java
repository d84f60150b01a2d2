package dev.fgvc.nets.engine.torch.inference;

import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.folding.FoldedWeights;
import dev.fgvc.nets.engine.torch.kernel.LayerConvolution;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A network's operations for inference on one kind of device, with batch norms folded. What they
 * return belongs to the pointer scope that is open.
 */
public interface InferenceLayers extends AutoCloseable {

  /**
   * Layers on a device.
   *
   * @param type of the activations
   */
  static InferenceLayers of(
      NetworkGraph graph, FoldedWeights folded, Device device, ScalarType type) {
    LayerTensors tensors = new LayerTensors(device, type);
    return device.kind() == Device.Kind.CUDA
        ? new CudaLayers(graph, folded, tensors)
        : new CpuLayers(graph, folded, tensors);
  }

  /** A convolution or a fully connected layer, by the scope of its variables. */
  LayerConvolution layer(String scope);

  /**
   * A convolution.
   *
   * @param sum what the result is added to; overwritten
   * @param relu whether max(x, 0) of all that is taken
   */
  default Tensor convolution(
      Operation.Convolution operation, Tensor input, Optional<Tensor> sum, boolean relu) {
    return layer(operation.scope()).apply(input, sum, relu);
  }

  /** A convolution whose biases come later, by {@link #withBiases}. */
  default Tensor convolutionWithoutBiases(Operation.Convolution operation, Tensor input) {
    return layer(operation.scope()).withoutBiases(input);
  }

  /**
   * Adds a convolution's biases to an activation of its output's channels, which may be
   * overwritten.
   */
  default Tensor withBiases(Operation.Convolution operation, Tensor activation) {
    return layer(operation.scope()).withBiases(activation);
  }

  /** All inputs of each output, as an activation of one cell. */
  default Tensor fullyConnected(Operation.FullyConnected operation, Tensor input) {
    Tensor cells = input.reshape(input.size(0), operation.inputs(), 1, 1);
    return layer(operation.scope()).apply(cells, Optional.empty(), false);
  }

  /** A batch norm that no convolution holds: one factor and one offset a channel. */
  Tensor batchNorm(Operation.BatchNorm operation, Tensor input);

  /**
   * An operation without variables.
   *
   * @param nonNegative whether no input has a negative value
   */
  Tensor apply(Operation operation, List<Tensor> inputs, boolean nonNegative);

  /** A node's output with all that its computed one may lack; a new activation then. */
  default Tensor whole(Node node, Tensor computed) {
    return computed;
  }

  /**
   * Notes that a number of images went through on a number of threads. Called after a batch rather
   * than in the midst of it, so that what is computed does not depend on which thread is faster.
   * Most numbers that come once are those of a data set's last batch: kernels are fitted to those
   * that come again.
   */
  default void passed(int count, int threads) {}

  /** Whether {@link #fit} has something to do on a number of threads. */
  default boolean isUnfitted(int threads) {
    return false;
  }

  /** Fits kernels to inputs that came again, where libtorch is set to that number of threads. */
  default void fit(int threads) {}

  /** Sets the thread that makes kernels for threads which compute side by side. */
  default void fitOn(ExecutorService single) {}

  @Override
  void close();
}
