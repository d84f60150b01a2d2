package dev.fgvc.nets.engine.torch;

import dev.fgvc.nets.engine.Optimizer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The slots of {@link Optimizer.RmsProp} for one flat tensor of weights, and its update rule. */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
final class RmsPropState implements AutoCloseable {

  private final Optimizer.RmsProp rule;
  private final Tensor meanSquare;
  private final Tensor momentum;

  RmsPropState(Optimizer.RmsProp rule, Tensor weights) {
    this.rule = rule;
    try (PointerScope temporaries = new PointerScope()) {
      meanSquare = torch.ones_like(weights);
      momentum = torch.zeros_like(weights);
      meanSquare.retainReference();
      momentum.retainReference();
    }
  }

  /** Changes the weights in place; gradients must not be recorded, temporaries go to the scope. */
  void update(Tensor weights, Tensor gradient, double learningRate) {
    meanSquare
        .mul_(new Scalar(rule.decay()))
        .addcmul_(gradient, gradient, new Scalar(1 - rule.decay()));
    Tensor root = meanSquare.add(new Scalar(rule.epsilon())).sqrt_();
    momentum.mul_(new Scalar(rule.momentum())).addcdiv_(gradient, root, new Scalar(learningRate));
    weights.sub_(momentum);
  }

  @Override
  public void close() {
    meanSquare.releaseReference();
    momentum.releaseReference();
  }
}
