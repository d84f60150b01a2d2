package dev.fgvc.nets.engine.torch;

import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.arch.Window;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The layers with variables in training, there and back. Variables stay float32; kernels are
 * rounded to the type of the maps on their way in, and their gradients come back as float32. A norm
 * sums in float32 and keeps its variables so. Tensors belong to the pointer scope that is open.
 */
final class TrainingLayers {

  private final Function<String, Tensor> variables;
  private final VariableGradients gradients;
  private final ScalarType type;
  private final LargeMaps maps;
  private final Optional<OneDnnConvolution> oneDnn;

  /**
   * Layers that look their variables up by full name.
   *
   * @param gradients takes those of the trained variables
   * @param type of the maps: float32 or bfloat16
   * @param maps memory for those that are large
   * @param oneDnn adds convolutions to maps, where it can
   */
  TrainingLayers(
      Function<String, Tensor> variables,
      VariableGradients gradients,
      ScalarType type,
      LargeMaps maps,
      Optional<OneDnnConvolution> oneDnn) {
    this.variables = variables;
    this.gradients = gradients;
    this.type = type;
    this.maps = maps;
    this.oneDnn = oneDnn;
  }

  ScalarType type() {
    return type;
  }

  /** Whether an operation has variables that are trained. */
  boolean learns(Operation operation) {
    if (operation instanceof Operation.Convolution convolution) {
      return gradients.isTrained(kernel(convolution.scope()))
          || convolution.biases() && gradients.isTrained(biases(convolution.scope()));
    } else if (operation instanceof Operation.FullyConnected layer) {
      return gradients.isTrained(kernel(layer.scope()))
          || gradients.isTrained(biases(layer.scope()));
    } else if (operation instanceof Operation.BatchNorm norm) {
      return gradients.isTrained(beta(norm)) || norm.scaled() && gradients.isTrained(gamma(norm));
    }
    return false;
  }

  Tensor convolution(Operation.Convolution operation, Tensor input) {
    Optional<Tensor> biases =
        operation.biases() ? Optional.of(rounded(biases(operation.scope()))) : Optional.empty();
    Tensor kernel = rounded(kernel(operation.scope()));
    Window window = operation.window();
    Window.Border border = MapOperations.border(input, window);
    long[] padding = MapOperations.padding(border);
    long[] strides = MapOperations.strides(window);
    long height = window.outputHeight((int) input.size(2));
    long width = window.outputWidth((int) input.size(3));
    long values = input.size(0) * operation.outputChannels() * height * width;
    return adding(values, padding, strides)
        .map(
            operator ->
                operator.addTo(
                    maps.take(input.size(0), operation.outputChannels(), height, width, type)
                        .zero_(),
                    MapOperations.padded(input, border),
                    kernel,
                    biases,
                    padding,
                    strides,
                    false))
        .orElseGet(() -> MapOperations.convolve(input, kernel, biases, window));
  }

  /**
   * What writes a large map to memory of our choice, which libtorch's convolution does not: it adds
   * to a map that is there.
   */
  private Optional<OneDnnConvolution> adding(long values, long[] padding, long[] strides) {
    return oneDnn.filter(
        operator -> maps.areKept(values) && operator.knows(padding) && operator.knows(strides));
  }

  /**
   * Adds the gradient of a convolution's input to a channels-last map of its own, if the input is
   * large and the convolution's strides are 1: a convolution too, with the kernel turned around.
   *
   * @param gradient of the output
   * @param sum gives the map
   * @return whether it did
   */
  boolean addInputGradient(
      Operation.Convolution operation, Tensor input, Tensor gradient, Supplier<Tensor> sum) {
    Window window = operation.window();
    Window.Border border = MapOperations.border(input, window);
    long[] padding = {window.height() - 1 - border.top(), window.width() - 1 - border.left()};
    Optional<OneDnnConvolution> operator = adding(input.numel(), padding, MapOperations.UNIT);
    if (operator.isEmpty() || window.stride() > 1 || !border.isSymmetric()) {
      return false;
    }
    Tensor kernel = rounded(kernel(operation.scope())).transpose(0, 1).flip(2, 3);
    operator
        .get()
        .addTo(sum.get(), gradient, kernel, Optional.empty(), padding, MapOperations.UNIT, false);
    return true;
  }

  /**
   * Keeps the gradients of the variables.
   *
   * @param gradient of the output
   * @param further whether the input's gradient is wanted
   * @return that, if so
   */
  Optional<Tensor> convolutionBackward(
      Operation.Convolution operation, Tensor input, Tensor gradient, boolean further) {
    String kernelName = kernel(operation.scope());
    String biasesName = biases(operation.scope());
    boolean kernelTrained = gradients.isTrained(kernelName);
    boolean biasesTrained = operation.biases() && gradients.isTrained(biasesName);
    if (!further && !kernelTrained && !biasesTrained) {
      return Optional.empty();
    }
    Window window = operation.window();
    Window.Border border = MapOperations.border(input, window);
    Tensor padded = MapOperations.padded(input, border);
    T_TensorTensorTensor_T parts =
        torch.convolution_backward(
            gradient,
            padded,
            rounded(kernelName),
            new long[] {operation.outputChannels()},
            MapOperations.strides(window),
            MapOperations.padding(border),
            MapOperations.UNIT,
            false,
            MapOperations.NONE,
            1,
            wanted(further, kernelTrained, biasesTrained));
    if (kernelTrained) {
      gradients.add(kernelName, parts.get1());
    }
    if (biasesTrained) {
      gradients.add(biasesName, parts.get2());
    }
    if (!further) {
      return Optional.empty();
    }
    if (border.isSymmetric()) {
      return Optional.of(new Tensor(parts.get0()));
    }
    return Optional.of(
        parts
            .get0()
            .narrow(2, border.top(), input.size(2))
            .narrow(3, border.left(), input.size(3)));
  }

  /** Of 1x1 maps. */
  Tensor fullyConnected(Operation.FullyConnected operation, Tensor input) {
    Tensor product =
        torch.addmm(
            rounded(biases(operation.scope())),
            flat(operation, input),
            rounded(kernel(operation.scope())));
    return product.view(product.size(0), product.size(1), 1, 1);
  }

  /** As {@link #convolutionBackward}. */
  Optional<Tensor> fullyConnectedBackward(
      Operation.FullyConnected operation, Tensor input, Tensor gradient, boolean further) {
    String kernelName = kernel(operation.scope());
    String biasesName = biases(operation.scope());
    Tensor rows = gradient.reshape(gradient.size(0), operation.outputs());
    if (gradients.isTrained(kernelName)) {
      gradients.add(kernelName, flat(operation, input).t().mm(rows));
    }
    if (gradients.isTrained(biasesName)) {
      gradients.add(biasesName, rows.sum(0));
    }
    return further
        ? Optional.of(rows.mm(rounded(kernelName).t()).view_as(input))
        : Optional.empty();
  }

  private static Tensor flat(Operation.FullyConnected operation, Tensor input) {
    return input.reshape(input.size(0), operation.inputs());
  }

  /** The mean of a batch and the inverse of its standard deviation, each [channels]. */
  record Statistics(Tensor mean, Tensor inverseDeviation) implements AutoCloseable {

    /** Takes tensors along out of the pointer scope that is open. */
    Statistics {
      mean.retainReference();
      inverseDeviation.retainReference();
    }

    @Override
    public void close() {
      mean.releaseReference();
      inverseDeviation.releaseReference();
    }
  }

  /** A normalised map and what it was normalised by. */
  record Normalised(Tensor output, Statistics statistics) {}

  /** Normalises by the batch's own statistics, which also move the moving ones. */
  Normalised batchNorm(Operation.BatchNorm operation, Tensor input) {
    String scope = operation.scope();
    return normalised(
        operation, input, optional(scope + "/moving_mean"), optional(scope + "/moving_variance"));
  }

  /**
   * The output of {@link #batchNorm} once more, on processors with AVX-512 the same bit by bit; no
   * statistics move.
   *
   * @param relu whether max(x, 0) of it is taken
   */
  Tensor normalisedAgain(
      Operation.BatchNorm operation, Tensor input, Statistics statistics, boolean relu) {
    Tensor output =
        type == ScalarType.Float
            ? scaledAgain(operation, input, statistics)
            : normalisedAgain(operation, input);
    if (relu) {
      torch.relu_(output);
    }
    return output;
  }

  /** In one pass, in half to two thirds of the time; maps of another type it would widen. */
  private Tensor scaledAgain(Operation.BatchNorm operation, Tensor input, Statistics statistics) {
    Tensor factors = factors(operation, statistics);
    Tensor offsets =
        torch.addcmul(
            variables.apply(beta(operation)), statistics.mean(), factors, new Scalar(-1.0));
    long[] perChannel = {1, operation.channels(), 1, 1};
    Tensor output = maps.like(input);
    torch.addcmul_out(output, offsets.view(perChannel), input, factors.view(perChannel));
    return output;
  }

  private Tensor normalisedAgain(Operation.BatchNorm operation, Tensor input) {
    Normalised again = normalised(operation, input, new TensorOptional(), new TensorOptional());
    again.statistics().close();
    return again.output();
  }

  private Tensor factors(Operation.BatchNorm operation, Statistics statistics) {
    return operation.scaled()
        ? statistics.inverseDeviation().mul(variables.apply(gamma(operation)))
        : statistics.inverseDeviation();
  }

  /** By the batch's own statistics; moves the moving ones, if there are any. */
  private Normalised normalised(
      Operation.BatchNorm operation,
      Tensor input,
      TensorOptional movingMean,
      TensorOptional movingVariance) {
    Tensor output = maps.like(input);
    Tensor mean = torch.empty_like(variables.apply(beta(operation)));
    Tensor inverseDeviation = torch.empty_like(mean);
    torch.native_batch_norm_out(
        output,
        mean,
        inverseDeviation,
        input,
        scale(operation),
        optional(beta(operation)),
        movingMean,
        movingVariance,
        true,
        1 - operation.decay(),
        operation.epsilon());
    return new Normalised(output, new Statistics(mean, inverseDeviation));
  }

  /**
   * As {@link #convolutionBackward}.
   *
   * @param overwritten whether the output's gradient may become the input's
   */
  Optional<Tensor> normBackward(
      Operation.BatchNorm operation,
      Tensor input,
      Statistics statistics,
      Tensor gradient,
      boolean overwritten,
      boolean further) {
    boolean gammaTrained = operation.scaled() && gradients.isTrained(gamma(operation));
    boolean betaTrained = gradients.isTrained(beta(operation));
    boolean inPlace =
        further && overwritten && type == ScalarType.Float && maps.areKept(gradient.numel());
    T_TensorTensorTensor_T parts =
        torch.native_batch_norm_backward(
            gradient,
            input,
            scale(operation),
            new TensorOptional(),
            new TensorOptional(),
            new TensorOptional(statistics.mean()),
            new TensorOptional(statistics.inverseDeviation()),
            true,
            operation.epsilon(),
            wanted(further && !inPlace, gammaTrained || inPlace, betaTrained || inPlace));
    if (gammaTrained) {
      gradients.add(gamma(operation), parts.get1());
    }
    if (betaTrained) {
      gradients.add(beta(operation), parts.get2());
    }
    if (inPlace) {
      toInputGradient(gradient, operation, input, statistics, parts.get1(), parts.get2());
      return Optional.of(new Tensor(gradient));
    }
    if (further && overwritten && maps.areKept(gradient.numel())) {
      // Stays in memory that is kept, while libtorch's goes at once.
      gradient.copy_(parts.get0());
      return Optional.of(new Tensor(gradient));
    }
    return further ? Optional.of(new Tensor(parts.get0())) : Optional.empty();
  }

  /**
   * What libtorch would write to a new map: scale / deviation * (gradient - mean of the gradient -
   * normalised input * mean of the gradient times that), as a sum of three terms.
   *
   * @param ofGamma sum of the gradient times the normalised input, for each channel
   * @param ofBeta sum of the gradient, for each channel
   */
  private void toInputGradient(
      Tensor gradient,
      Operation.BatchNorm operation,
      Tensor input,
      Statistics statistics,
      Tensor ofGamma,
      Tensor ofBeta) {
    long[] perChannel = {1, operation.channels(), 1, 1};
    Scalar cells = new Scalar((double) (input.numel() / operation.channels()));
    Tensor ofGradient = factors(operation, statistics);
    Tensor ofInput = ofGradient.mul(statistics.inverseDeviation()).mul_(ofGamma).div_(cells).neg_();
    Tensor offsets = ofGradient.mul(ofBeta).div_(cells).neg_();
    offsets.addcmul_(ofInput, statistics.mean(), new Scalar(-1.0));
    torch.addcmul_out(gradient, offsets.view(perChannel), gradient, ofGradient.view(perChannel));
    gradient.addcmul_(input, ofInput.view(perChannel));
  }

  private TensorOptional scale(Operation.BatchNorm operation) {
    return operation.scaled() ? optional(gamma(operation)) : new TensorOptional();
  }

  private TensorOptional optional(String variable) {
    return new TensorOptional(variables.apply(variable));
  }

  private Tensor rounded(String variable) {
    return variables.apply(variable).to(type);
  }

  private static BoolPointer wanted(boolean input, boolean scale, boolean offset) {
    return new BoolPointer(3).put(0, input).put(1, scale).put(2, offset);
  }

  private static String kernel(String scope) {
    return scope + "/weights";
  }

  private static String biases(String scope) {
    return scope + "/biases";
  }

  private static String gamma(Operation.BatchNorm operation) {
    return operation.scope() + "/gamma";
  }

  private static String beta(Operation.BatchNorm operation) {
    return operation.scope() + "/beta";
  }
}
