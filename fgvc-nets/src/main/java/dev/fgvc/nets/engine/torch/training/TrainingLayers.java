package dev.fgvc.nets.engine.torch.training;

import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.arch.Window;
import dev.fgvc.nets.engine.torch.kernel.MatrixProducts;
import dev.fgvc.nets.engine.torch.kernel.OneDnnConvolution;
import dev.fgvc.nets.engine.torch.kernel.PlainConvolution;
import dev.fgvc.nets.engine.torch.kernel.WindowArguments;
import dev.fgvc.nets.engine.torch.memory.ActivationPool;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The layers with variables in training, there and back. Variables stay float32; kernels are
 * rounded to the type of the activations on their way in, and their gradients come back as float32.
 * Tensors belong to the pointer scope that is open.
 */
public final class TrainingLayers {

  private final Function<String, Tensor> variables;
  private final VariableGradients gradients;
  private final ScalarType type;
  private final TrainingKernels kernels;
  private final ActivationPool memory;
  private final TrainingNorms norms;

  /**
   * Layers that look their variables up by full name.
   *
   * @param gradients takes those of the trained variables
   * @param type of the activations: float32 or bfloat16
   * @param kernels of the device, for that type
   * @param memory memory for those that are large
   * @param norms the batch norms, with the same variables and gradients
   */
  public TrainingLayers(
      Function<String, Tensor> variables,
      VariableGradients gradients,
      ScalarType type,
      TrainingKernels kernels,
      ActivationPool memory,
      TrainingNorms norms) {
    this.variables = variables;
    this.gradients = gradients;
    this.type = type;
    this.kernels = kernels;
    this.memory = memory;
    this.norms = norms;
  }

  TrainingKernels kernels() {
    return kernels;
  }

  TrainingNorms norms() {
    return norms;
  }

  ScalarType type() {
    return type;
  }

  /** Whether an operation has variables that are trained. */
  boolean learns(Operation operation) {
    return operation instanceof Operation.Layer layer
        && layer.variables().stream().anyMatch(gradients::isTrained);
  }

  Tensor convolution(Operation.Convolution operation, Tensor input) {
    if (kernels.isFasterByLines(operation, input)) {
      return images(convolution(operation, lines(input)), input.size(0));
    }
    Optional<Tensor> biases =
        operation.biases() ? Optional.of(rounded(biases(operation.scope()))) : Optional.empty();
    Tensor kernel = rounded(kernel(operation.scope()));
    Window window = operation.window();
    if (kernels.isProduct(operation, input)) {
      return MatrixProducts.activation(
          kernels.multiply(MatrixProducts.rows(input), kernel.flatten(1, -1).t(), biases), input);
    }
    Window.Border border = WindowArguments.border(input, window);
    long[] padding = WindowArguments.padding(border);
    long[] strides = WindowArguments.strides(window);
    return kernels
        .adding(padding, strides)
        .flatMap(
            operator ->
                memory
                    .output(input, operation.outputChannels(), window)
                    .map(
                        sum ->
                            operator.addTo(
                                sum.zero_(),
                                WindowArguments.padded(input, border),
                                kernel,
                                biases,
                                padding,
                                strides,
                                false)))
        .orElseGet(() -> PlainConvolution.convolve(input, kernel, biases, window));
  }

  /** Each line of an activation as an image, which windows of one cell cannot tell. */
  private static Tensor lines(Tensor activation) {
    return reshaped(activation, activation.size(0) * activation.size(2), 1);
  }

  /** The images again, of such lines. */
  private static Tensor images(Tensor lines, long count) {
    return reshaped(lines, count, lines.size(0) / count);
  }

  private static Tensor reshaped(Tensor activation, long count, long height) {
    return activation
        .permute(0, 2, 3, 1)
        .reshape(count, height, activation.size(3), activation.size(1))
        .permute(0, 3, 1, 2);
  }

  /**
   * Adds the gradient of a convolution's input to a channels-last activation of its own, if the
   * input is large and the convolution's strides are 1: a convolution too, with the kernel turned
   * around.
   *
   * @param gradient of the output
   * @param sum gives the activation
   * @return whether it did
   */
  boolean addInputGradient(
      Operation.Convolution operation, Tensor input, Tensor gradient, Supplier<Tensor> sum) {
    Window window = operation.window();
    Window.Border border = WindowArguments.border(input, window);
    long[] padding = {window.height() - 1 - border.top(), window.width() - 1 - border.left()};
    Optional<OneDnnConvolution> operator = kernels.adding(padding, WindowArguments.UNIT);
    if (operator.isEmpty()
        || !memory.keeps(input.numel())
        || window.stride() > 1
        || !border.isSymmetric()) {
      return false;
    }
    Tensor kernel = rounded(kernel(operation.scope())).transpose(0, 1).flip(2, 3);
    operator
        .get()
        .addTo(sum.get(), gradient, kernel, Optional.empty(), padding, WindowArguments.UNIT, false);
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
    if (kernels.isFasterByLines(operation, input)) {
      return convolutionBackward(operation, lines(input), lines(gradient), further)
          .map(lines -> images(lines, input.size(0)));
    }
    if (kernels.isProduct(operation, input)) {
      return productBackward(
          operation.scope(),
          () ->
              kernelShaped(product(MatrixProducts.rows(gradient).t(), MatrixProducts.rows(input))),
          () -> rounded(kernelName).flatten(1, -1),
          gradient,
          further);
    }
    Window window = operation.window();
    Window.Border border = WindowArguments.border(input, window);
    Tensor padded = WindowArguments.padded(input, border);
    T_TensorTensorTensor_T parts =
        torch.convolution_backward(
            gradient,
            padded,
            rounded(kernelName),
            new long[] {operation.outputChannels()},
            WindowArguments.strides(window),
            WindowArguments.padding(border),
            WindowArguments.UNIT,
            false,
            WindowArguments.NONE,
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

  /** A fully connected layer on 1x1 activations. */
  Tensor fullyConnected(Operation.FullyConnected operation, Tensor input) {
    return MatrixProducts.activation(
        kernels.multiply(
            MatrixProducts.rows(input),
            rounded(kernel(operation.scope())),
            Optional.of(rounded(biases(operation.scope())))),
        input);
  }

  /** See {@link #convolutionBackward}. */
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
   * The same as {@link #convolutionBackward} for a product of matrices.
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
            MatrixProducts.activation(product(MatrixProducts.rows(gradient), back.get()), gradient))
        : Optional.empty();
  }

  /** [out, in] as [out, in, 1, 1]. */
  private static Tensor kernelShaped(Tensor matrix) {
    return matrix.view(matrix.size(0), matrix.size(1), 1, 1);
  }

  private Tensor product(Tensor left, Tensor right) {
    return kernels.multiply(left, right, Optional.empty());
  }

  private Tensor rounded(String variable) {
    return variables.apply(variable).to(type);
  }

  static BoolPointer wanted(boolean input, boolean scale, boolean offset) {
    return new BoolPointer(3).put(0, input).put(1, scale).put(2, offset);
  }

  private static String kernel(String scope) {
    return scope + "/weights";
  }

  private static String biases(String scope) {
    return scope + "/biases";
  }
}
