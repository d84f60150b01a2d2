package dev.fgvc.nets.engine.torch.inference;

import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.arch.Padding;
import dev.fgvc.nets.arch.Window;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.folding.FoldedWeights;
import dev.fgvc.nets.engine.torch.kernel.CudaAffine;
import dev.fgvc.nets.engine.torch.kernel.CudaConvolution;
import dev.fgvc.nets.engine.torch.kernel.FittedKernel;
import dev.fgvc.nets.engine.torch.kernel.MapOperations;
import dev.fgvc.nets.engine.torch.kernel.OneDnnConvolution;
import dev.fgvc.nets.engine.torch.kernel.winograd.WinogradConvolution;
import dev.fgvc.nets.engine.torch.kernel.winograd.WinogradTiling;
import dev.fgvc.nets.engine.torch.memory.OwnedPointers;
import dev.fgvc.nets.engine.torch.runtime.TorchTensors;
import dev.fgvc.nets.weights.Weights;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Layers for inference, with batch norms folded. On the CPU oneDNN's fused convolution does the
 * work, on kernels in its own layouts; on a GPU those of {@link CudaConvolution}.
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
public final class FoldedLayers implements AutoCloseable {

  private static final Window ONE_CELL = Window.square(1, 1, Padding.VALID);

  private final NetworkGraph graph;
  private final FoldedWeights folded;
  private final Map<String, FittedKernel> convolutionKernels = new HashMap<>();
  private final Map<String, WinogradConvolution> winogradConvolutions = new HashMap<>();
  private final Map<String, Tensor> kernels = new HashMap<>();
  private final Map<String, Tensor> offsets = new HashMap<>();
  private final OwnedPointers owned = new OwnedPointers();
  private final Device device;
  private final ScalarType type;
  private final Optional<OneDnnConvolution> oneDnn;
  private final boolean onGpu;
  private final DeferredBiases deferred;
  private final Map<String, CudaConvolution> cudaConvolutions = new HashMap<>();
  private final Map<String, CudaAffine> cudaNorms = new HashMap<>();
  private final Set<Shared> recurring = ConcurrentHashMap.newKeySet();

  /** So many images that so many threads computed together. */
  private record Shared(long count, int threads) {}

  public FoldedLayers(NetworkGraph graph, Weights weights, Device device, ScalarType type) {
    this(graph, weights, device, type, device.kind() == Device.Kind.CUDA);
  }

  /**
   * Layers computed as on the CPU or as on a GPU, wherever they are.
   *
   * @param onGpu which of the two; a GPU's are correct on the CPU, but slow
   */
  public FoldedLayers(
      NetworkGraph graph, Weights weights, Device device, ScalarType type, boolean onGpu) {
    this.graph = graph;
    this.device = device;
    this.type = type;
    this.folded = FoldedWeights.of(graph, weights);
    this.oneDnn = OneDnnConvolution.on(device);
    this.onGpu = onGpu;
    this.deferred = onGpu ? DeferredBiases.of(graph, folded) : DeferredBiases.none(graph);
    for (Node node : graph.nodes()) {
      folded.layer(node).ifPresent(layer -> prepare(node, layer));
    }
  }

  private void prepare(Node node, FoldedWeights.Layer layer) {
    try (PointerScope temporaries = new PointerScope()) {
      if (node.operation() instanceof Operation.Convolution convolution) {
        Tensor kernel = kernel(convolution, layer).contiguous(MemoryFormat.ChannelsLast);
        Optional<Tensor> biases = layer.offsets().map(values -> tensor(values, values.length));
        if (onGpu) {
          Optional<Tensor> added = deferred.missing(node).isPresent() ? Optional.empty() : biases;
          cudaConvolutions.put(
              convolution.scope(), new CudaConvolution(convolution.window(), kernel, added));
          return;
        }
        convolutionKernels.put(convolution.scope(), FittedKernel.of(kernel));
        biases.ifPresent(values -> own(offsets, convolution.scope(), values));
        oneDnn
            .filter(operator -> type == ScalarType.Float)
            .flatMap(
                operator -> WinogradConvolution.of(operator, convolution.window(), kernel, biases))
            .ifPresent(winograd -> winogradConvolutions.put(convolution.scope(), winograd));
      } else if (node.operation() instanceof Operation.FullyConnected connected) {
        Tensor kernel =
            tensor(layer.kernel(), connected.inputs(), connected.outputs())
                .t()
                .reshape(connected.outputs(), connected.inputs(), 1, 1)
                .contiguous(MemoryFormat.ChannelsLast);
        Tensor biases = tensor(layer.offsets().orElseThrow(), connected.outputs());
        if (onGpu) {
          cudaConvolutions.put(
              connected.scope(), new CudaConvolution(ONE_CELL, kernel, Optional.of(biases)));
          return;
        }
        convolutionKernels.put(connected.scope(), FittedKernel.of(kernel));
        own(offsets, connected.scope(), biases);
      } else if (node.operation() instanceof Operation.BatchNorm norm) {
        float[] offset = layer.offsets().orElseThrow();
        if (onGpu) {
          Tensor factors = vector(layer.kernel());
          Tensor added = vector(offset);
          deferred.missingIn(node).ifPresent(biases -> added.addcmul_(factors, vector(biases)));
          cudaNorms.put(norm.scope(), new CudaAffine(factors, added));
          return;
        }
        long[] perChannel = {1, norm.channels(), 1, 1};
        own(kernels, norm.scope(), tensor(layer.kernel(), perChannel));
        own(offsets, norm.scope(), tensor(offset, perChannel));
      }
    }
  }

  private Tensor kernel(Operation.Convolution convolution, FoldedWeights.Layer layer) {
    Window window = convolution.window();
    return tensor(
            layer.kernel(),
            window.height(),
            window.width(),
            convolution.inputChannels(),
            convolution.outputChannels())
        .permute(3, 2, 0, 1);
  }

  private Tensor tensor(float[] values, long... shape) {
    return TorchTensors.of(values, shape, device).to(type);
  }

  private Tensor vector(float[] values) {
    return TorchTensors.of(values, new long[] {values.length}, device);
  }

  private void own(Map<String, Tensor> place, String scope, Tensor tensor) {
    place.put(scope, owned.keep(tensor));
  }

  /** Refuses nodes that have no output of their own. */
  public void requireComputed(List<Node> nodes) {
    folded.requireComputed(graph, nodes);
  }

  /**
   * Notes that so many images went through on so many threads. Called behind a batch rather than in
   * the midst of it, so that what is computed does not depend on which thread is faster. Most
   * numbers that come once are those of a data set's last batch: kernels are fitted to those that
   * come again.
   */
  void passed(int count, int threads) {
    recurring.add(new Shared(count, threads));
  }

  /** Whether {@link #fit} has something to do on so many threads. */
  boolean isUnfitted(int threads) {
    return allKernels().anyMatch(kernel -> kernel.isAwaited(threads));
  }

  /** Fits kernels to inputs that came again, on a thread where libtorch has so many threads. */
  void fit(int threads) {
    allKernels().forEach(kernel -> kernel.fit(threads));
  }

  private Stream<FittedKernel> allKernels() {
    return Stream.concat(
        convolutionKernels.values().stream(),
        winogradConvolutions.values().stream().flatMap(winograd -> winograd.kernels().stream()));
  }

  /** What a node's output really is, where a bias was left out so far; a new activation then. */
  Tensor whole(Node node, Tensor computed) {
    return deferred
        .missing(node)
        .map(biases -> computed.add(vector(biases).to(type).view(1, biases.length, 1, 1)))
        .orElse(computed);
  }

  /** Whether a node's output is its input itself, such as dropout's. */
  boolean isIdentity(Node node) {
    return folded.isIdentity(node);
  }

  /** The factor of a sum's second part, if no kernel holds it already. */
  double remainingScale(Node node, Operation.Add sum) {
    return folded.remainingScale(graph, node, sum);
  }

  /**
   * A convolution.
   *
   * @param sum what the result is added to; overwritten
   * @param relu whether max(x, 0) of all that is taken
   */
  Tensor convolution(
      Operation.Convolution operation, Tensor input, Optional<Tensor> sum, boolean relu) {
    if (onGpu) {
      return cudaConvolutions.get(operation.scope()).apply(input, sum, relu);
    }
    WinogradConvolution winograd = winogradConvolutions.get(operation.scope());
    if (winograd != null && sum.isEmpty() && torch.get_num_threads() == 1) {
      Optional<WinogradTiling> tiling = winograd.tiling(input);
      if (tiling.isPresent()) {
        return winograd.apply(input, tiling.get(), relu, recurs(input, 1));
      }
    }
    return onProcessors(operation, input, biases(operation), sum, relu);
  }

  private Tensor onProcessors(
      Operation.Convolution operation,
      Tensor input,
      Optional<Tensor> biases,
      Optional<Tensor> sum,
      boolean relu) {
    FittedKernel kernel = convolutionKernels.get(operation.scope());
    if (oneDnn.isPresent()) {
      return fused(oneDnn.get(), operation.window(), input, kernel, biases, sum, relu);
    }
    Tensor result = MapOperations.convolve(input, kernel.plain(), biases, operation.window());
    sum.ifPresent(result::add_);
    if (relu) {
      torch.relu_(result); // what it returns has no memory of its own
    }
    return result;
  }

  private Optional<Tensor> biases(Operation.Convolution operation) {
    return Optional.ofNullable(offsets.get(operation.scope()));
  }

  /** A convolution whose biases come later, by {@link #withBiases}. */
  Tensor convolutionWithoutBiases(Operation.Convolution operation, Tensor input) {
    return onGpu
        ? cudaConvolutions.get(operation.scope()).withoutBiases(input)
        : onProcessors(operation, input, Optional.empty(), Optional.empty(), false);
  }

  /**
   * Adds a convolution's biases to an activation of its output's channels, which may be
   * overwritten.
   */
  Tensor withBiases(Operation.Convolution operation, Tensor activation) {
    if (onGpu) {
      return cudaConvolutions.get(operation.scope()).withBiases(activation);
    }
    // What adding returns has no memory of its own.
    biases(operation).ifPresent(values -> activation.add_(values.view(1, -1, 1, 1)));
    return activation;
  }

  private Tensor fused(
      OneDnnConvolution operator,
      Window window,
      Tensor input,
      FittedKernel kernel,
      Optional<Tensor> biases,
      Optional<Tensor> sum,
      boolean relu) {
    Window.Border border = MapOperations.border(input, window);
    long[] padding = {border.top(), border.left()};
    Tensor padded = input;
    if (!border.isSymmetric() || !operator.knows(padding)) {
      padded = MapOperations.pad(input, border, 0);
      padding = new long[] {0, 0};
    }
    long[] strides = MapOperations.strides(window);
    long[] remaining = padding;
    int threads = torch.get_num_threads();
    Tensor fitted =
        kernel.forInput(
            padded,
            threads,
            recurs(padded, threads),
            (plain, shape) -> operator.reordered(plain, remaining, strides, 1, shape));
    return sum.isPresent()
        ? operator.addTo(sum.get(), padded, fitted, biases, padding, strides, relu)
        : operator.convolve(padded, fitted, biases, padding, strides, 1, relu);
  }

  private boolean recurs(Tensor input, int threads) {
    return recurring.contains(new Shared(input.size(0), threads));
  }

  /**
   * All inputs of each output. As a convolution of one cell, not as a product of matrices:
   * libtorch's threads of those look for more work for some 25 ms, on a processor that the next
   * batch needs.
   */
  Tensor fullyConnected(Operation.FullyConnected operation, Tensor input) {
    Tensor cells = input.reshape(input.size(0), operation.inputs(), 1, 1);
    if (onGpu) {
      return cudaConvolutions.get(operation.scope()).apply(cells, Optional.empty(), false);
    }
    FittedKernel kernel = convolutionKernels.get(operation.scope());
    Tensor biases = offsets.get(operation.scope());
    if (oneDnn.isPresent()) {
      return fused(
          oneDnn.get(), ONE_CELL, cells, kernel, Optional.of(biases), Optional.empty(), false);
    }
    Tensor matrix = kernel.plain().flatten(1, -1).t();
    Tensor product = torch.addmm(biases, cells.flatten(1, -1), matrix);
    return product.view(product.size(0), product.size(1), 1, 1);
  }

  Tensor batchNorm(Operation.BatchNorm operation, Tensor input) {
    return onGpu
        ? cudaNorms.get(operation.scope()).apply(input)
        : torch.addcmul(offsets.get(operation.scope()), input, kernels.get(operation.scope()));
  }

  @Override
  public void close() {
    owned.close();
    winogradConvolutions.values().forEach(WinogradConvolution::close);
    winogradConvolutions.clear();
    convolutionKernels.values().forEach(FittedKernel::close);
    convolutionKernels.clear();
    oneDnn.ifPresent(OneDnnConvolution::close);
    cudaConvolutions.values().forEach(CudaConvolution::close);
    cudaConvolutions.clear();
    cudaNorms.values().forEach(CudaAffine::close);
    cudaNorms.clear();
  }
}
