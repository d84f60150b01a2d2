package dev.fgvc.nets.engine.torch.inference;

import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.folding.FoldedWeights;
import dev.fgvc.nets.engine.torch.kernel.ActivationOperations;
import dev.fgvc.nets.engine.torch.kernel.CudaAffine;
import dev.fgvc.nets.engine.torch.kernel.CudaConvolution;
import dev.fgvc.nets.engine.torch.kernel.LayerConvolution;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Layers on a GPU: convolutions with biases, sums and ReLUs done in registers, and biases that wait
 * for the next norm. They are right on the CPU too, where tests run them, but slow.
 */
final class CudaLayers implements InferenceLayers {

  private final LayerTensors tensors;
  private final DeferredBiases deferred;
  private final ActivationOperations operations = ActivationOperations.on(Device.cuda(0));
  private final Map<String, CudaConvolution> convolutions = new HashMap<>();
  private final Map<String, CudaAffine> norms = new HashMap<>();

  CudaLayers(NetworkGraph graph, FoldedWeights folded, LayerTensors tensors) {
    this.tensors = tensors;
    this.deferred = DeferredBiases.of(graph, folded);
    LayerTensors.prepareAll(graph, folded, new Kinds());
  }

  /** Prepares each kind of layer. */
  private final class Kinds implements Operation.Layer.Visitor<LayerTensors.Preparation> {

    @Override
    public LayerTensors.Preparation convolution(Operation.Convolution convolution) {
      return (node, layer) ->
          convolutions.put(
              convolution.scope(),
              new CudaConvolution(
                  convolution.window(),
                  tensors.kernel(convolution, layer),
                  tensors.biases(layer).filter(values -> deferred.missing(node).isEmpty())));
    }

    @Override
    public LayerTensors.Preparation fullyConnected(Operation.FullyConnected connected) {
      return (node, layer) ->
          convolutions.put(
              connected.scope(),
              new CudaConvolution(
                  LayerTensors.ONE_CELL, tensors.kernel(connected, layer), tensors.biases(layer)));
    }

    @Override
    public LayerTensors.Preparation batchNorm(Operation.BatchNorm norm) {
      return (node, layer) -> {
        Tensor factors = tensors.vector(layer.factors().toArray());
        Tensor offsets = tensors.vector(layer.offsets().orElseThrow());
        deferred
            .missingIn(node)
            .ifPresent(biases -> offsets.addcmul_(factors, tensors.vector(biases)));
        norms.put(norm.scope(), new CudaAffine(factors, offsets));
      };
    }
  }

  @Override
  public LayerConvolution layer(String scope) {
    return convolutions.get(scope);
  }

  @Override
  public Tensor batchNorm(Operation.BatchNorm operation, Tensor input) {
    return norms.get(operation.scope()).apply(input);
  }

  @Override
  public Tensor apply(Operation operation, List<Tensor> inputs, boolean nonNegative) {
    return operations.apply(operation, inputs);
  }

  @Override
  public Tensor whole(Node node, Tensor computed) {
    return deferred
        .missing(node)
        .map(biases -> computed.add(tensors.typed(biases, 1, biases.length, 1, 1)))
        .orElse(computed);
  }

  @Override
  public void close() {
    convolutions.values().forEach(CudaConvolution::close);
    convolutions.clear();
    norms.values().forEach(CudaAffine::close);
    norms.clear();
  }
}
