package dev.fgvc.nets.engine.torch.training;

import dev.fgvc.nets.arch.Parameter;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.TrainingOptions;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The moving statistics of batch norms, and those of the present batch. A batch's pass leaves the
 * former as they are; they move when it has ended, all at once: by (1 - decay) * (batch - moving),
 * each of the three operations rounded by itself. So a value's way does not depend on which values
 * lie beside it, nor on the process that computes it.
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
public final class MovingStatistics implements AutoCloseable {

  private final TrainingOptions options;
  private final FlatVariables moving;
  private final FlatVariables ofBatch;

  /** 1 - decay of each value before any warm-up. */
  private final Tensor rates;

  /** Those that the present batch has come by. */
  private final Set<String> present = new HashSet<>();

  /**
   * Room for statistics, filled with zeros.
   *
   * @param parameters moving means and variances that are not frozen
   * @param decays of each, by its name
   */
  public MovingStatistics(
      List<Parameter> parameters, Map<String, Double> decays, TrainingOptions options) {
    this.options = options;
    Device device = options.device();
    this.moving = new FlatVariables(parameters, device);
    this.ofBatch = new FlatVariables(parameters, device);
    try (FlatVariables all = new FlatVariables(parameters, device);
        PointerScope temporaries = new PointerScope()) {
      for (Parameter parameter : parameters) {
        all.view(parameter.name()).fill_(new Scalar(1 - decays.get(parameter.name())));
      }
      rates = all.flat().clone();
      rates.retainReference();
    }
  }

  /** The moving ones. */
  public FlatVariables moving() {
    return moving;
  }

  /** The flat tensor of the present batch's, in the order of the moving ones. */
  Tensor ofBatch() {
    return ofBatch.flat();
  }

  boolean contains(String name) {
    return moving.contains(name);
  }

  /** Forgets the batch before. */
  public void begin() {
    present.clear();
    ofBatch.flat().zero_();
  }

  /** A zero tensor that is to become a batch's statistic. */
  Tensor take(String name) {
    present.add(name);
    return ofBatch.view(name);
  }

  /** Ends a batch's pass; statistics of norms that the pass did not come by are to stay. */
  public void complete() {
    for (Parameter parameter : moving.parameters()) {
      if (!present.contains(parameter.name())) {
        ofBatch.view(parameter.name()).copy_(moving.view(parameter.name()));
      }
    }
  }

  /**
   * Moves all by the present batch.
   *
   * @param batch its number, from 0
   */
  public void move(long batch) {
    move(moving.flat(), ofBatch.flat(), rates, batch);
  }

  /**
   * Moves a part of them by a batch of this or another process.
   *
   * @param target values at some positions
   * @param values of the batch at the same ones
   * @param rates at the same ones, of {@link #rates}
   */
  void move(Tensor target, Tensor values, Tensor rates, long batch) {
    try (PointerScope temporaries = new PointerScope()) {
      // The decay never exceeds the warm-up's.
      double least = 1 - options.batchNormDecayAt(1, batch);
      Tensor steps = torch.sub(values, target);
      steps.mul_(least > 0 ? rates.clamp_min(new Scalar(least)) : rates);
      target.add_(steps);
    }
  }

  Tensor rates() {
    return rates;
  }

  @Override
  public void close() {
    rates.releaseReference();
    ofBatch.close();
    moving.close();
  }
}
