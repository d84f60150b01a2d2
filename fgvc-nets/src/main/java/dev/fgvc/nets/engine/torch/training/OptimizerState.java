package dev.fgvc.nets.engine.torch.training;

import dev.fgvc.nets.arch.Parameter;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.Optimizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** The slots of an {@link Optimizer} for some variables, and its update rule. */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
abstract class OptimizerState implements AutoCloseable {

  private final Map<String, FlatVariables> slots = new LinkedHashMap<>();

  private OptimizerState() {}

  static OptimizerState of(Optimizer optimizer, List<Parameter> parameters, Device device) {
    if (optimizer instanceof Optimizer.RmsProp rule) {
      return new RmsProp(rule, parameters, device);
    } else if (optimizer instanceof Optimizer.Sgd rule) {
      return new Sgd(rule, parameters, device);
    }
    return new AdamW((Optimizer.AdamW) optimizer, parameters, device);
  }

  /**
   * Changes some of the weights in place; gradients must not be recorded, temporaries go to the
   * scope.
   *
   * @param from where among all of them these weights start
   * @param update counted from 1
   */
  abstract void update(
      Tensor weights, Tensor gradient, long from, double learningRate, long update);

  /** The slots by name. */
  Map<String, FlatVariables> slots() {
    return slots;
  }

  /** The slice of a slot for these weights. */
  static Tensor part(Tensor slot, long from, Tensor weights) {
    return slot.narrow(0, from, weights.numel());
  }

  Tensor slot(String name, List<Parameter> parameters, Device device) {
    FlatVariables slot = new FlatVariables(parameters, device);
    slots.put(name, slot);
    return slot.flat();
  }

  @Override
  public void close() {
    new ArrayList<>(slots.values()).forEach(FlatVariables::close);
    slots.clear();
  }

  private static final class RmsProp extends OptimizerState {

    private final Optimizer.RmsProp rule;
    private final Tensor meanSquare;
    private final Tensor momentum;

    RmsProp(Optimizer.RmsProp rule, List<Parameter> parameters, Device device) {
      this.rule = rule;
      meanSquare = slot("mean_square", parameters, device);
      momentum = slot("momentum", parameters, device);
      try (PointerScope temporaries = new PointerScope()) {
        meanSquare.fill_(new Scalar(1.0)); // as TensorFlow starts it
      }
    }

    @Override
    void update(Tensor weights, Tensor gradient, long from, double learningRate, long update) {
      Tensor square = part(meanSquare, from, weights);
      square
          .mul_(new Scalar(rule.decay()))
          .addcmul_(gradient, gradient, new Scalar(1 - rule.decay()));
      Tensor root = square.add(new Scalar(rule.epsilon())).sqrt_();
      Tensor change = part(momentum, from, weights);
      change.mul_(new Scalar(rule.momentum())).addcdiv_(gradient, root, new Scalar(learningRate));
      weights.sub_(change);
    }
  }

  private static final class Sgd extends OptimizerState {

    private final Optimizer.Sgd rule;
    private final Tensor momentum;

    Sgd(Optimizer.Sgd rule, List<Parameter> parameters, Device device) {
      this.rule = rule;
      momentum = slot("momentum", parameters, device);
    }

    @Override
    void update(Tensor weights, Tensor gradient, long from, double learningRate, long update) {
      Tensor change = part(momentum, from, weights);
      change.mul_(new Scalar(rule.momentum())).add_(gradient);
      if (rule.nesterov()) {
        weights.sub_(gradient, new Scalar(learningRate));
        weights.sub_(change, new Scalar(learningRate * rule.momentum()));
      } else {
        weights.sub_(change, new Scalar(learningRate));
      }
    }
  }

  private static final class AdamW extends OptimizerState {

    private final Optimizer.AdamW rule;
    private final Tensor mean;
    private final Tensor meanSquare;

    AdamW(Optimizer.AdamW rule, List<Parameter> parameters, Device device) {
      this.rule = rule;
      mean = slot("mean", parameters, device);
      meanSquare = slot("mean_square", parameters, device);
    }

    @Override
    void update(Tensor weights, Tensor gradient, long from, double learningRate, long update) {
      Tensor average = part(mean, from, weights);
      Tensor square = part(meanSquare, from, weights);
      average.lerp_(gradient, new Scalar(1 - rule.beta1()));
      square
          .mul_(new Scalar(rule.beta2()))
          .addcmul_(gradient, gradient, new Scalar(1 - rule.beta2()));
      double meanCorrection = 1 - StrictMath.pow(rule.beta1(), update);
      double squareCorrection = 1 - StrictMath.pow(rule.beta2(), update);
      Tensor root = square.sqrt().mul_(new Scalar(1 / Math.sqrt(squareCorrection)));
      weights.addcdiv_(
          average,
          root.add_(new Scalar(rule.epsilon())),
          new Scalar(-learningRate / meanCorrection));
    }
  }
}
