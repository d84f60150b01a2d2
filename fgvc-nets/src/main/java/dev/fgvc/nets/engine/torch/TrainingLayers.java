package dev.fgvc.nets.engine.torch;

import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Operation;
import java.util.Optional;
import java.util.function.Function;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Layers for training: real batch norms and dropout, what the backward pass needs is kept by
 * libtorch itself.
 */
final class TrainingLayers implements TorchForward.Layers {

  private final Function<String, Tensor> variables;
  private final Optional<Generator> dropout;

  /**
   * Layers that look their variables up by full name.
   *
   * @param dropout draws what is dropped; absent, nothing is
   */
  TrainingLayers(Function<String, Tensor> variables, Optional<Generator> dropout) {
    this.variables = variables;
    this.dropout = dropout;
  }

  @Override
  public boolean isIdentity(Node node) {
    return dropout.isEmpty() && node.operation() instanceof Operation.Dropout;
  }

  @Override
  public boolean fuses() {
    return false;
  }

  @Override
  public double remainingScale(Node node, Operation.Add sum) {
    return sum.scale();
  }

  /** The gradient of a batch norm needs its input and statistics, not its output. */
  @Override
  public boolean allowsActivationInPlace(Operation operation) {
    return operation instanceof Operation.BatchNorm;
  }

  @Override
  public Tensor convolution(
      Operation.Convolution operation, Tensor input, Optional<Tensor> sum, boolean relu) {
    if (sum.isPresent() || relu) {
      throw new IllegalStateException("training fuses nothing");
    }
    Optional<Tensor> biases =
        operation.biases()
            ? Optional.of(variables.apply(operation.scope() + "/biases"))
            : Optional.empty();
    Tensor kernel = variables.apply(operation.scope() + "/weights");
    return TorchForward.convolve(input, kernel, biases, operation.window());
  }

  @Override
  public Tensor fullyConnected(Operation.FullyConnected operation, Tensor input) {
    Tensor product =
        torch.addmm(
            variables.apply(operation.scope() + "/biases"),
            input,
            variables.apply(operation.scope() + "/weights"));
    return product.view(product.size(0), product.size(1), 1, 1);
  }

  @Override
  public Tensor batchNorm(Operation.BatchNorm operation, Tensor input) {
    String scope = operation.scope();
    TensorOptional gamma =
        operation.scaled()
            ? new TensorOptional(variables.apply(scope + "/gamma"))
            : new TensorOptional();
    return torch.batch_norm(
        input,
        gamma,
        new TensorOptional(variables.apply(scope + "/beta")),
        new TensorOptional(variables.apply(scope + "/moving_mean")),
        new TensorOptional(variables.apply(scope + "/moving_variance")),
        true,
        1 - operation.decay(),
        operation.epsilon(),
        true);
  }

  @Override
  public Tensor dropout(Operation.Dropout operation, Tensor input) {
    double keep = operation.keepProbability();
    GeneratorOptional generator = new GeneratorOptional(dropout.orElseThrow());
    // Drawn on the processors, so that every device drops the same.
    Tensor kept = torch.empty(input.sizes()).bernoulli_(keep, generator).div_(new Scalar(keep));
    return input.mul(kept.to(input.device(), input.scalar_type()));
  }
}
