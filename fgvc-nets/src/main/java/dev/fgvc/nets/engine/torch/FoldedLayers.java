package dev.fgvc.nets.engine.torch;

import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.arch.Window;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.folding.FoldedWeights;
import dev.fgvc.nets.weights.Weights;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/** Layers for inference, with batch norms folded. */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
final class FoldedLayers implements TorchForward.Layers, AutoCloseable {

  private final FoldedWeights folded;
  private final Map<String, Tensor> kernels = new HashMap<>();
  private final Map<String, Tensor> offsets = new HashMap<>();
  private final List<Tensor> owned = new ArrayList<>();
  private final Device device;

  FoldedLayers(NetworkGraph graph, Weights weights, Device device) {
    this.device = device;
    this.folded = FoldedWeights.of(graph, weights);
    for (Node node : graph.nodes()) {
      folded.layer(node).ifPresent(layer -> prepare(node, layer));
    }
  }

  private void prepare(Node node, FoldedWeights.Layer layer) {
    try (PointerScope temporaries = new PointerScope()) {
      if (node.operation() instanceof Operation.Convolution convolution) {
        Window window = convolution.window();
        long[] shape = {
          window.height(), window.width(), convolution.inputChannels(), convolution.outputChannels()
        };
        Tensor kernel = tensor(layer.kernel(), shape).permute(3, 2, 0, 1);
        own(kernels, convolution.scope(), kernel.contiguous(MemoryFormat.ChannelsLast));
        layer
            .offsets()
            .ifPresent(biases -> own(offsets, convolution.scope(), tensor(biases, biases.length)));
      } else if (node.operation() instanceof Operation.FullyConnected connected) {
        own(
            kernels,
            connected.scope(),
            tensor(layer.kernel(), connected.inputs(), connected.outputs()));
        own(offsets, connected.scope(), tensor(layer.offsets().orElseThrow(), connected.outputs()));
      } else if (node.operation() instanceof Operation.BatchNorm norm) {
        long[] perChannel = {1, norm.channels(), 1, 1};
        own(kernels, norm.scope(), tensor(layer.kernel(), perChannel));
        own(offsets, norm.scope(), tensor(layer.offsets().orElseThrow(), perChannel));
      }
    }
  }

  private Tensor tensor(float[] values, long... shape) {
    return TorchTensors.of(FloatBuffer.wrap(values), shape, device);
  }

  private void own(Map<String, Tensor> place, String scope, Tensor tensor) {
    tensor.retainReference();
    owned.add(tensor);
    place.put(scope, tensor);
  }

  @Override
  public boolean isIdentity(Node node) {
    return folded.isIdentity(node);
  }

  @Override
  public boolean releasesResults() {
    return true;
  }

  @Override
  public Tensor convolution(Operation.Convolution operation, Tensor input) {
    return TorchForward.convolve(
        input,
        kernels.get(operation.scope()),
        Optional.ofNullable(offsets.get(operation.scope())),
        operation.window());
  }

  @Override
  public Tensor fullyConnected(Operation.FullyConnected operation, Tensor input) {
    Tensor product =
        torch.addmm(offsets.get(operation.scope()), input, kernels.get(operation.scope()));
    return product.view(product.size(0), product.size(1), 1, 1);
  }

  @Override
  public Tensor batchNorm(Operation.BatchNorm operation, Tensor input) {
    return torch.addcmul(offsets.get(operation.scope()), input, kernels.get(operation.scope()));
  }

  @Override
  public Tensor dropout(Operation.Dropout operation, Tensor input) {
    throw new IllegalStateException("dropout is an identity in inference");
  }

  @Override
  public void close() {
    owned.forEach(Tensor::releaseReference);
    owned.clear();
  }
}
