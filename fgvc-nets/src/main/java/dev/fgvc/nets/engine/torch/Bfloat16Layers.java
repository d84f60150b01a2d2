package dev.fgvc.nets.engine.torch;

import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Operation;
import java.util.Optional;
import java.util.function.Function;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Training layers that compute in bfloat16 and hand bfloat16 maps on. Kernels stay float32 and are
 * rounded on their way in, so that autograd hands float32 gradients back to them; a norm sums in
 * float32 and keeps its variables so.
 */
final class Bfloat16Layers implements TorchForward.Layers {

  private final TrainingLayers full;
  private final TrainingLayers products;

  Bfloat16Layers(Function<String, Tensor> variables, Optional<Generator> dropout) {
    full = new TrainingLayers(variables, dropout);
    products = new TrainingLayers(name -> variables.apply(name).to(ScalarType.BFloat16), dropout);
  }

  @Override
  public boolean isIdentity(Node node) {
    return full.isIdentity(node);
  }

  @Override
  public boolean fuses() {
    return full.fuses();
  }

  @Override
  public double remainingScale(Node node, Operation.Add sum) {
    return full.remainingScale(node, sum);
  }

  @Override
  public boolean allowsActivationInPlace(Operation operation) {
    return full.allowsActivationInPlace(operation);
  }

  @Override
  public Tensor convolution(
      Operation.Convolution operation, Tensor input, Optional<Tensor> sum, boolean relu) {
    return products.convolution(operation, input.to(ScalarType.BFloat16), sum, relu);
  }

  @Override
  public Tensor fullyConnected(Operation.FullyConnected operation, Tensor input) {
    return products.fullyConnected(operation, input.to(ScalarType.BFloat16));
  }

  @Override
  public Tensor batchNorm(Operation.BatchNorm operation, Tensor input) {
    return full.batchNorm(operation, input);
  }

  @Override
  public Tensor dropout(Operation.Dropout operation, Tensor input) {
    return full.dropout(operation, input);
  }
}
