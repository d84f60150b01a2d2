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

  /** So many values of a kernel make it large. */
  private static final long LARGE_KERNEL = 1 << 20;

  /** On one thread, libtorch gives any convolution of so many images to oneDNN. */
  private static final long MANY_IMAGES = 16;

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
    if (isSlowAlone(operation, input)) {
      return images(convolution(operation, lines(input)), input.size(0));
    }
    Optional<Tensor> biases =
        operation.biases() ? Optional.of(rounded(biases(operation.scope()))) : Optional.empty();
    Tensor kernel = rounded(kernel(operation.scope()));
    Window window = operation.window();
    if (isProduct(operation, input)) {
      return MatrixProducts.map(
          MatrixProducts.multiply(MatrixProducts.rows(input), kernel.flatten(1, -1).t(), biases),
          input);
    }
    Window.Border border = MapOperations.border(input, window);
    long[] padding = MapOperations.padding(border);
    long[] strides = MapOperations.strides(window);
    return adding(padding, strides)
        .flatMap(
            operator ->
                maps.output(input, operation.outputChannels(), window)
                    .map(
                        sum ->
                            operator.addTo(
                                sum.zero_(),
                                MapOperations.padded(input, border),
                                kernel,
                                biases,
                                padding,
                                strides,
                                false)))
        .orElseGet(() -> MapOperations.convolve(input, kernel, biases, window));
  }

  /**
   * Whether libtorch would not give a convolution to oneDNN: on one thread it has code of its own
   * for windows of one cell and few images, which takes three times as long.
   */
  private boolean isSlowAlone(Operation.Convolution operation, Tensor input) {
    return input.is_cpu()
        && type == ScalarType.Float
        && operation.window().isPointwise()
        && input.size(0) < MANY_IMAGES
        && input.size(0) * input.size(2) >= MANY_IMAGES
        && torch.get_num_threads() == 1;
  }

  /** Each line of a map as an image, which windows of one cell cannot tell. */
  private static Tensor lines(Tensor map) {
    return reshaped(map, map.size(0) * map.size(2), 1);
  }

  /** As many images of such lines. */
  private static Tensor images(Tensor lines, long count) {
    return reshaped(lines, count, lines.size(0) / count);
  }

  private static Tensor reshaped(Tensor map, long count, long height) {
    return map.permute(0, 2, 3, 1)
        .reshape(count, height, map.size(3), map.size(1))
        .permute(0, 3, 1, 2);
  }

  /**
   * Whether a convolution is a product of matrices: oneDNN takes several times as long to bring a
   * large kernel to single cells, cuDNN two to three times as long for any in float32, and does not
   * take biases along.
   */
  private boolean isProduct(Operation.Convolution operation, Tensor input) {
    if (!operation.window().isPointwise()) {
      return false;
    }
    long values = (long) operation.inputChannels() * operation.outputChannels();
    return input.is_cuda()
        ? type == ScalarType.Float || operation.biases()
        : input.size(2) * input.size(3) == 1 && values >= LARGE_KERNEL;
  }

  /**
   * What writes to memory of our choice, which libtorch's convolution does not: it adds to a map
   * that is there.
   */
  private Optional<OneDnnConvolution> adding(long[] padding, long[] strides) {
    return oneDnn.filter(operator -> operator.knows(padding) && operator.knows(strides));
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
    Optional<OneDnnConvolution> operator = adding(padding, MapOperations.UNIT);
    if (operator.isEmpty()
        || !maps.areKept(input.numel())
        || window.stride() > 1
        || !border.isSymmetric()) {
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
    if (isSlowAlone(operation, input)) {
      return convolutionBackward(operation, lines(input), lines(gradient), further)
          .map(lines -> images(lines, input.size(0)));
    }
    if (isProduct(operation, input)) {
      return productBackward(
          operation.scope(),
          () ->
              kernelShaped(product(MatrixProducts.rows(gradient).t(), MatrixProducts.rows(input))),
          () -> rounded(kernelName).flatten(1, -1),
          gradient,
          further);
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
    return MatrixProducts.map(
        MatrixProducts.multiply(
            MatrixProducts.rows(input),
            rounded(kernel(operation.scope())),
            Optional.of(rounded(biases(operation.scope())))),
        input);
  }

  /** As {@link #convolutionBackward}. */
  Optional<Tensor> fullyConnectedBackward(
      Operation.FullyConnected operation, Tensor input, Tensor gradient, boolean further) {
    return productBackward(
        operation.scope(),
        () -> product(MatrixProducts.rows(input).t(), MatrixProducts.rows(gradient)),
        () -> rounded(kernel(operation.scope())).t(),
        gradient,
        further);
  }

  /**
   * As {@link #convolutionBackward}, of a product of matrices.
   *
   * @param ofKernel the kernel's gradient
   * @param back [outputs, inputs], from gradients of the outputs to those of the inputs
   */
  private Optional<Tensor> productBackward(
      String scope,
      Supplier<Tensor> ofKernel,
      Supplier<Tensor> back,
      Tensor gradient,
      boolean further) {
    if (gradients.isTrained(kernel(scope))) {
      gradients.add(kernel(scope), ofKernel.get());
    }
    if (gradients.isTrained(biases(scope))) {
      gradients.add(biases(scope), MatrixProducts.rows(gradient).sum(0));
    }
    return further
        ? Optional.of(
            MatrixProducts.map(product(MatrixProducts.rows(gradient), back.get()), gradient))
        : Optional.empty();
  }

  /** [out, in] as [out, in, 1, 1]. */
  private static Tensor kernelShaped(Tensor matrix) {
    return matrix.view(matrix.size(0), matrix.size(1), 1, 1);
  }

  private static Tensor product(Tensor left, Tensor right) {
    return MatrixProducts.multiply(left, right, Optional.empty());
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
        optional(operation.scope() + "/moving_mean"),
        optional(operation.scope() + "/moving_variance"),
        true,
        1 - operation.decay(),
        operation.epsilon());
    return new Normalised(output, new Statistics(mean, inverseDeviation));
  }

  /**
   * The output of {@link #batchNorm} once more, on processors with AVX-512 the same bit by bit; no
   * statistics move. In one pass, in half to two thirds of the time.
   *
   * @param relu whether max(x, 0) of it is taken
   */
  Tensor normalisedAgain(
      Operation.BatchNorm operation, Tensor input, Statistics statistics, boolean relu) {
    Tensor factors = factors(operation, statistics);
    Tensor offsets =
        torch.addcmul(
            variables.apply(beta(operation)), statistics.mean(), factors, new Scalar(-1.0));
    Tensor output = maps.like(input);
    affine(output, input, factors, offsets);
    if (relu) {
      torch.relu_(output);
    }
    return output;
  }

  /**
   * Writes factor * x + offset, computed in float32, in one pass.
   *
   * @param target may be the map itself
   * @param factors one for each channel, in float32
   * @param offsets one for each channel, in float32
   */
  private static void affine(Tensor target, Tensor map, Tensor factors, Tensor offsets) {
    if (map.scalar_type().intern() == ScalarType.Float) {
      long[] perChannel = {1, map.size(1), 1, 1};
      torch.addcmul_out(target, offsets.view(perChannel), map, factors.view(perChannel));
      return;
    }
    // Of a narrower map the sum would be another, wide one; a norm with a mean of 0 and a variance
    // of 1 is the same operation.
    torch.native_batch_norm_out(
        target,
        torch.empty_like(factors),
        torch.empty_like(factors),
        map,
        new TensorOptional(factors),
        new TensorOptional(offsets),
        new TensorOptional(torch.zeros_like(factors)),
        new TensorOptional(torch.ones_like(factors)),
        false,
        0,
        0);
  }

  private Tensor factors(Operation.BatchNorm operation, Statistics statistics) {
    return operation.scaled()
        ? statistics.inverseDeviation().mul(variables.apply(gamma(operation)))
        : statistics.inverseDeviation();
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
    boolean inPlace = further && overwritten && maps.areKept(gradient.numel());
    T_TensorTensorTensor_T parts =
        torch.native_batch_norm_backward(
            gradient,
            input,
            input.is_cuda() ? presentScale(operation) : scale(operation),
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
    Scalar cells = new Scalar((double) (input.numel() / operation.channels()));
    Tensor ofGradient = factors(operation, statistics);
    Tensor ofInput = ofGradient.mul(statistics.inverseDeviation()).mul_(ofGamma).div_(cells).neg_();
    Tensor offsets = ofGradient.mul(ofBeta).div_(cells).neg_();
    offsets.addcmul_(ofInput, statistics.mean(), new Scalar(-1.0));
    affine(gradient, gradient, ofGradient, offsets);
    if (type == ScalarType.Float) {
      gradient.addcmul_(input, ofInput.view(1, operation.channels(), 1, 1));
    } else {
      Tensor term = maps.like(input);
      affine(term, input, ofInput, torch.zeros_like(ofInput));
      gradient.add_(term);
    }
  }

  private TensorOptional scale(Operation.BatchNorm operation) {
    return operation.scaled() ? optional(gamma(operation)) : new TensorOptional();
  }

  /** Without one, CUDA's code forgets beta's gradient. */
  private TensorOptional presentScale(Operation.BatchNorm operation) {
    return operation.scaled()
        ? scale(operation)
        : new TensorOptional(torch.ones_like(variables.apply(beta(operation))));
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
