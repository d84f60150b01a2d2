package dev.fgvc.nets.engine.torch;

import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.weights.WeightTensor;
import dev.fgvc.nets.weights.Weights;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Layers for inference. A batch norm right behind a convolution that nothing else reads disappears
 * into the kernel and a bias, computed in double precision; any other becomes one multiplication
 * and addition per value.
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
final class FoldedLayers implements TorchForward.Layers, AutoCloseable {

  private final Set<Integer> identities = new HashSet<>();
  private final Map<String, Tensor> kernels = new HashMap<>();
  private final Map<String, Tensor> offsets = new HashMap<>();
  private final List<Tensor> owned = new ArrayList<>();
  private final Device device;
  private final ScalarType type;

  FoldedLayers(NetworkGraph graph, Weights weights, Device device, ScalarType type) {
    this.device = device;
    this.type = type;
    int[] readers = new int[graph.nodes().size()];
    graph.nodes().forEach(node -> node.inputs().forEach(input -> readers[input]++));
    graph.endpoints().values().forEach(node -> readers[node.index()]++);
    Map<String, Operation.BatchNorm> folded = new HashMap<>();
    for (Node node : graph.nodes()) {
      if (node.operation() instanceof Operation.Dropout) {
        identities.add(node.index());
      } else if (node.operation() instanceof Operation.BatchNorm batchNorm) {
        Node input = graph.nodes().get(node.inputs().get(0));
        if (input.operation() instanceof Operation.Convolution convolution
            && readers[input.index()] == 1) {
          identities.add(node.index());
          folded.put(convolution.scope(), batchNorm);
        }
      }
    }
    for (Node node : graph.nodes()) {
      prepare(node, weights, folded);
    }
  }

  private void prepare(Node node, Weights weights, Map<String, Operation.BatchNorm> foldedNorms) {
    if (node.operation() instanceof Operation.Convolution convolution) {
      Optional<Affine> norm =
          Optional.ofNullable(foldedNorms.get(convolution.scope()))
              .map(batchNorm -> Affine.of(batchNorm, weights));
      convolution(convolution, weights, norm);
    } else if (node.operation() instanceof Operation.FullyConnected layer) {
      keep(kernels, layer.scope(), weights.tensor(layer.scope() + "/weights"));
      keep(offsets, layer.scope(), weights.tensor(layer.scope() + "/biases"));
    } else if (node.operation() instanceof Operation.BatchNorm batchNorm
        && !identities.contains(node.index())) {
      Affine affine = Affine.of(batchNorm, weights);
      long[] perChannel = {1, batchNorm.channels(), 1, 1};
      keep(kernels, batchNorm.scope(), affine.factors(), perChannel);
      keep(offsets, batchNorm.scope(), affine.offsets(), perChannel);
    }
  }

  private void convolution(
      Operation.Convolution convolution, Weights weights, Optional<Affine> norm) {
    String scope = convolution.scope();
    WeightTensor kernel = weights.tensor(scope + "/weights");
    int channels = convolution.outputChannels();
    float[] values = kernel.toArray();
    double[] biases = new double[channels];
    if (convolution.biases()) {
      FloatBuffer own = weights.tensor(scope + "/biases").values();
      for (int c = 0; c < channels; c++) {
        biases[c] = own.get(c);
      }
    }
    norm.ifPresent(
        affine -> {
          for (int i = 0; i < values.length; i++) {
            values[i] = (float) (values[i] * affine.factors()[i % channels]);
          }
          for (int c = 0; c < channels; c++) {
            biases[c] = biases[c] * affine.factors()[c] + affine.offsets()[c];
          }
        });
    try (PointerScope temporaries = new PointerScope()) {
      Tensor hwio =
          TorchTensors.of(FloatBuffer.wrap(values), TorchTensors.longs(kernel.shape()), device);
      Tensor oihw = hwio.permute(3, 2, 0, 1).to(type);
      own(kernels, scope, oihw.contiguous(MemoryFormat.ChannelsLast));
    }
    if (convolution.biases() || norm.isPresent()) {
      keep(offsets, scope, biases, new long[] {channels});
    }
  }

  private void keep(Map<String, Tensor> place, String scope, WeightTensor tensor) {
    try (PointerScope temporaries = new PointerScope()) {
      own(place, scope, TorchTensors.of(tensor, device).to(type));
    }
  }

  private void keep(Map<String, Tensor> place, String scope, double[] values, long[] shape) {
    float[] rounded = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      rounded[i] = (float) values[i];
    }
    try (PointerScope temporaries = new PointerScope()) {
      own(place, scope, TorchTensors.of(FloatBuffer.wrap(rounded), shape, device).to(type));
    }
  }

  private void own(Map<String, Tensor> place, String scope, Tensor tensor) {
    tensor.retainReference();
    owned.add(tensor);
    place.put(scope, tensor);
  }

  @Override
  public boolean isIdentity(Node node) {
    return identities.contains(node.index());
  }

  @Override
  public boolean fuses() {
    return true;
  }

  @Override
  public boolean foldsScale(Node node, double scale) {
    return scale == 1 || scaled.containsKey(node.index());
  }

  @Override
  public boolean allowsActivationInPlace(Operation operation) {
    return true;
  }

  @Override
  public Tensor convolution(
      Operation.Convolution operation, Tensor input, Optional<Tensor> sum, boolean relu) {
    Tensor kernel = kernels.get(operation.scope());
    Optional<Tensor> biases = Optional.ofNullable(offsets.get(operation.scope()));
    if (oneDnn.isPresent()) {
      return oneDnn(operation.window(), input, kernel, biases.orElseThrow(), sum, relu);
    }
    Tensor result = TorchForward.convolve(input, kernel, biases, operation.window());
    sum.ifPresent(result::add_);
    return relu ? torch.relu_(result) : result;
  }

  private Tensor oneDnn(
      Window window,
      Tensor input,
      Tensor kernel,
      Tensor biases,
      Optional<Tensor> sum,
      boolean relu) {
    OneDnnConvolution operator = oneDnn.orElseThrow();
    Window.Border border = TorchForward.border(input, window);
    long[] padding = {border.top(), border.left()};
    boolean direct = border.isSymmetric() && operator.knows(padding);
    Tensor padded = direct ? input : TorchForward.pad(input, border, 0);
    if (!direct) {
      padding = new long[] {0, 0};
    }
    long[] strides = TorchForward.strides(window);
    return sum.isPresent()
        ? operator.addTo(sum.get(), padded, kernel, biases, padding, strides, relu)
        : operator.convolve(padded, kernel, biases, padding, strides, relu);
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

  /** A batch norm with fixed statistics: factor * x + offset for each channel. */
  private record Affine(double[] factors, double[] offsets) {

    static Affine of(Operation.BatchNorm norm, Weights weights) {
      FloatBuffer beta = weights.tensor(norm.scope() + "/beta").values();
      FloatBuffer mean = weights.tensor(norm.scope() + "/moving_mean").values();
      FloatBuffer variance = weights.tensor(norm.scope() + "/moving_variance").values();
      double[] factors = new double[norm.channels()];
      double[] offsets = new double[norm.channels()];
      for (int c = 0; c < factors.length; c++) {
        double gamma =
            norm.scaled() ? weights.tensor(norm.scope() + "/gamma").values().get(c) : 1.0;
        factors[c] = gamma / Math.sqrt(variance.get(c) + norm.epsilon());
        offsets[c] = beta.get(c) - mean.get(c) * factors[c];
      }
      return new Affine(factors, offsets);
    }
  }
}
