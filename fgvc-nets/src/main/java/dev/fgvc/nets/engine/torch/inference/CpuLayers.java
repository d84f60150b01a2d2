package dev.fgvc.nets.engine.torch.inference;

import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.folding.FoldedWeights;
import dev.fgvc.nets.engine.torch.kernel.ActivationOperations;
import dev.fgvc.nets.engine.torch.kernel.Bfloat16Maxima;
import dev.fgvc.nets.engine.torch.kernel.CpuCapabilities;
import dev.fgvc.nets.engine.torch.kernel.FittedKernel;
import dev.fgvc.nets.engine.torch.kernel.FittingThread;
import dev.fgvc.nets.engine.torch.kernel.LayerConvolution;
import dev.fgvc.nets.engine.torch.memory.OwnedPointers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Layers on the CPU, by the kernels that {@link CpuConvolutions} chooses. */
final class CpuLayers implements InferenceLayers {

  private final ActivationOperations operations = ActivationOperations.on(Device.cpu());
  private final RecurringBatches recurring = new RecurringBatches();
  private final FittingThread fitting = new FittingThread();
  private final CpuConvolutions kernels;
  private final Map<String, CpuConvolution> convolutions = new HashMap<>();
  private final Map<String, Norm> norms = new HashMap<>();
  private final OwnedPointers owned = new OwnedPointers();

  /** A folded norm's tensors, each [1, channels, 1, 1]. */
  private record Norm(Tensor factors, Tensor offsets) {}

  CpuLayers(NetworkGraph graph, FoldedWeights folded, LayerTensors tensors) {
    this.kernels =
        new CpuConvolutions(CpuCapabilities.ofThisMachine(), tensors.type(), recurring, fitting);
    LayerTensors.prepareAll(graph, folded, new Kinds(tensors));
  }

  /** Prepares each kind of layer. */
  private final class Kinds implements Operation.Layer.Visitor<LayerTensors.Preparation> {

    private final LayerTensors tensors;

    Kinds(LayerTensors tensors) {
      this.tensors = tensors;
    }

    @Override
    public LayerTensors.Preparation convolution(Operation.Convolution convolution) {
      return (node, layer) ->
          convolutions.put(
              convolution.scope(),
              kernels.convolution(
                  convolution.window(),
                  convolution.outputChannels(),
                  () -> tensors.kernel(convolution, layer),
                  tensors.biases(layer)));
    }

    @Override
    public LayerTensors.Preparation fullyConnected(Operation.FullyConnected connected) {
      return (node, layer) ->
          convolutions.put(
              connected.scope(),
              kernels.fullyConnected(
                  connected.outputs(),
                  () -> tensors.kernel(connected, layer),
                  tensors.biases(layer).orElseThrow()));
    }

    @Override
    public LayerTensors.Preparation batchNorm(Operation.BatchNorm norm) {
      long[] perChannel = {1, norm.channels(), 1, 1};
      return (node, layer) ->
          norms.put(
              norm.scope(),
              new Norm(
                  owned.keep(tensors.typed(layer.factors().toArray(), perChannel)),
                  owned.keep(tensors.typed(layer.offsets().orElseThrow(), perChannel))));
    }
  }

  @Override
  public LayerConvolution layer(String scope) {
    return convolutions.get(scope);
  }

  @Override
  public Tensor batchNorm(Operation.BatchNorm operation, Tensor input) {
    Norm norm = norms.get(operation.scope());
    return torch.addcmul(norm.offsets(), input, norm.factors());
  }

  @Override
  public Tensor apply(Operation operation, List<Tensor> inputs, boolean nonNegative) {
    Tensor input = inputs.get(0);
    return nonNegative
            && operation instanceof Operation.MaxPool pool
            && Bfloat16Maxima.suits(input, pool.window())
        ? Bfloat16Maxima.pool(input, pool.window())
        : operations.apply(operation, inputs);
  }

  @Override
  public void passed(int count, int threads) {
    recurring.add(count, threads);
  }

  @Override
  public boolean isUnfitted(int threads) {
    return fittedKernels().anyMatch(kernel -> kernel.isAwaited(threads));
  }

  @Override
  public void fit(int threads) {
    fittedKernels().forEach(kernel -> kernel.fit(threads));
  }

  @Override
  public void fitOn(ExecutorService single) {
    fitting.set(single);
  }

  private Stream<FittedKernel> fittedKernels() {
    return convolutions.values().stream().flatMap(CpuConvolution::fittedKernels);
  }

  @Override
  public void close() {
    convolutions.values().forEach(CpuConvolution::close);
    convolutions.clear();
    kernels.close();
    norms.clear();
    owned.close();
  }
}
