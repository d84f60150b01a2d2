package dev.fgvc.nets.engine.torch.training;

import static dev.fgvc.nets.engine.torch.training.TrainingLayers.wanted;

import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.torch.memory.ActivationPool;
import dev.fgvc.nets.engine.torch.runtime.TorchTensors;
import java.util.Optional;
import java.util.function.Function;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Batch norms in training, there and back. They sum in float32 and keep their variables so,
 * whatever the type of the activations. Tensors belong to the pointer scope that is open.
 */
public final class TrainingNorms {

  /** Replaces the statistics that libtorch moves by the batch's own, since they are zeros. */
  private static final double WHOLLY = 1;

  private final Function<String, Tensor> variables;
  private final VariableGradients gradients;
  private final ActivationPool memory;
  private final MovingStatistics moving;

  /** The batches of all processes, where norms normalise by them together. */
  private Optional<WholeBatch> whole = Optional.empty();

  /**
   * Norms that look their variables up by full name.
   *
   * @param gradients takes those of the trained variables
   * @param memory memory for those that are large
   * @param moving takes the batch's statistics; a norm whose own it lacks is frozen
   */
  public TrainingNorms(
      Function<String, Tensor> variables,
      VariableGradients gradients,
      ActivationPool memory,
      MovingStatistics moving) {
    this.variables = variables;
    this.gradients = gradients;
    this.memory = memory;
    this.moving = moving;
  }

  /** Normalises by the batches of all processes from now on. */
  void synchronize(WholeBatch batches) {
    whole = Optional.of(batches);
  }

  /**
   * A mean and the inverse of a standard deviation, each [channels].
   *
   * @param cells values of each channel that these are of
   */
  record Statistics(Tensor mean, Tensor inverseDeviation, long cells) implements AutoCloseable {

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

  /** A normalised activation and what it was normalised by. */
  record Normalised(Tensor output, Statistics statistics) {}

  /**
   * Normalises by the batch's own statistics, which are kept for the moving ones; a frozen norm
   * normalises by those.
   */
  Normalised normalise(Operation.BatchNorm norm, Tensor input) {
    if (isFrozen(norm)) {
      Statistics fixed =
          new Statistics(
              new Tensor(movingMean(norm)),
              movingVariance(norm).add(new Scalar(norm.epsilon())).rsqrt_(),
              cells(norm, input));
      return new Normalised(normalisedAgain(norm, input, fixed, false), fixed);
    }
    if (whole.isPresent()) {
      Statistics ofAll = statistics(norm, input, whole.get());
      return new Normalised(normalisedAgain(norm, input, ofAll, false), ofAll);
    }
    boolean single = cells(norm, input) == 1;
    Tensor batchMean = moving.take(norm.scope() + "/moving_mean");
    Tensor batchVariance = moving.take(norm.scope() + "/moving_variance");
    Tensor output = memory.like(input);
    Tensor mean = torch.empty_like(variables.apply(beta(norm)));
    Tensor inverseDeviation = torch.empty_like(mean);
    torch.native_batch_norm_out(
        output,
        mean,
        inverseDeviation,
        input,
        scale(norm),
        new TensorOptional(variables.apply(beta(norm))),
        single ? new TensorOptional() : new TensorOptional(batchMean),
        single ? new TensorOptional() : new TensorOptional(batchVariance),
        true,
        WHOLLY,
        norm.epsilon());
    if (single) {
      // libtorch would divide the variance, which is 0, by the number of values less one.
      batchMean.copy_(mean);
    }
    return new Normalised(output, new Statistics(mean, inverseDeviation, cells(norm, input)));
  }

  /** The statistics of all processes' batches, which are kept for the moving ones. */
  private Statistics statistics(Operation.BatchNorm norm, Tensor input, WholeBatch batches) {
    Tensor batchMean = moving.take(norm.scope() + "/moving_mean");
    Tensor batchVariance = moving.take(norm.scope() + "/moving_variance");
    // Sums in float32 of any type of activation, since the statistics to be moved are float32.
    T_TensorTensor_T own =
        torch.batch_norm_update_stats(
            input, new TensorOptional(batchMean), new TensorOptional(batchVariance), WHOLLY);
    WholeBatch.Statistics all =
        batches.of(
            new WholeBatch.Statistics(
                TorchTensors.values(own.get0()),
                TorchTensors.values(own.get1()),
                cells(norm, input)));
    Tensor mean = likeVariables(norm, all.mean());
    Tensor variance = likeVariables(norm, all.variance());
    batchMean.copy_(mean);
    double unbiased = all.cells() == 1 ? 0 : all.cells() / (all.cells() - 1.0);
    batchVariance.copy_(variance.mul(new Scalar(unbiased)));
    return new Statistics(mean, variance.add(new Scalar(norm.epsilon())).rsqrt_(), all.cells());
  }

  private Tensor likeVariables(Operation.BatchNorm norm, float[] values) {
    return torch
        .empty_like(variables.apply(beta(norm)))
        .copy_(TorchTensors.of(values, new long[] {values.length}, Device.cpu()));
  }

  /** Takes part in {@link #normalise} of the other processes, without a batch. */
  void attendNormalise(Operation.BatchNorm norm) {
    if (!isFrozen(norm)) {
      whole.ifPresent(batches -> batches.of(WholeBatch.Statistics.none(norm.channels())));
    }
  }

  /** Takes part in {@link #backward} of the other processes, without a batch. */
  void attendBackward(Operation.BatchNorm norm) {
    if (!isFrozen(norm)) {
      float[] none = new float[norm.channels()];
      whole.ifPresent(batches -> batches.sums(none, none));
    }
  }

  private static long cells(Operation.BatchNorm norm, Tensor input) {
    return input.numel() / norm.channels();
  }

  private boolean isFrozen(Operation.BatchNorm norm) {
    return !moving.contains(norm.scope() + "/moving_mean");
  }

  /**
   * The output of {@link #normalise} once more, on CPUs with AVX-512 the same bit by bit; no
   * statistics move. In one pass, in half to two thirds of the time.
   *
   * @param relu whether max(x, 0) of it is taken
   */
  Tensor normalisedAgain(
      Operation.BatchNorm norm, Tensor input, Statistics statistics, boolean relu) {
    Tensor factors = factors(norm, statistics);
    Tensor offsets =
        torch.addcmul(variables.apply(beta(norm)), statistics.mean(), factors, new Scalar(-1.0));
    Tensor output = memory.like(input);
    affine(output, input, factors, offsets);
    if (relu) {
      torch.relu_(output);
    }
    return output;
  }

  /**
   * Writes factor * x + offset, computed in float32, in one pass.
   *
   * @param target may be the activation itself
   * @param factors one for each channel, in float32
   * @param offsets one for each channel, in float32
   */
  private static void affine(Tensor target, Tensor activation, Tensor factors, Tensor offsets) {
    if (isFloat(activation)) {
      long[] perChannel = {1, activation.size(1), 1, 1};
      torch.addcmul_out(target, offsets.view(perChannel), activation, factors.view(perChannel));
      return;
    }
    // Of a narrower activation the sum would be another, wide one; a norm by a mean of 0 and a
    // variance of 1 is the same operation.
    torch.native_batch_norm_out(
        target,
        torch.empty_like(factors),
        torch.empty_like(factors),
        activation,
        new TensorOptional(factors),
        new TensorOptional(offsets),
        new TensorOptional(torch.zeros_like(factors)),
        new TensorOptional(torch.ones_like(factors)),
        false,
        0,
        0);
  }

  private static boolean isFloat(Tensor activation) {
    return activation.scalar_type().intern() == ScalarType.Float;
  }

  private Tensor factors(Operation.BatchNorm norm, Statistics statistics) {
    return norm.scaled()
        ? statistics.inverseDeviation().mul(variables.apply(gamma(norm)))
        : statistics.inverseDeviation();
  }

  /**
   * Keeps the gradients of the variables.
   *
   * @param gradient of the output
   * @param overwritten whether the output's gradient may become the input's
   * @param further whether the input's gradient is wanted
   * @return that, if so
   */
  Optional<Tensor> backward(
      Operation.BatchNorm norm,
      Tensor input,
      Statistics statistics,
      Tensor gradient,
      boolean overwritten,
      boolean further) {
    boolean inPlace = further && overwritten && memory.keeps(gradient.numel());
    if (isFrozen(norm)) {
      return frozenBackward(norm, input, statistics, gradient, inPlace, further);
    }
    boolean bySums = inPlace || further && whole.isPresent();
    T_TensorTensorTensor_T parts =
        torch.native_batch_norm_backward(
            gradient,
            input,
            presentScale(norm),
            new TensorOptional(),
            new TensorOptional(),
            new TensorOptional(statistics.mean()),
            new TensorOptional(statistics.inverseDeviation()),
            true,
            norm.epsilon(),
            wanted(
                further && !bySums,
                isGammaTrained(norm) || bySums,
                gradients.isTrained(beta(norm)) || bySums));
    addGradients(norm, parts);
    if (bySums) {
      Tensor target = inPlace ? new Tensor(gradient) : memory.like(gradient);
      toInputGradient(target, gradient, norm, input, statistics, parts);
      return Optional.of(target);
    }
    return further ? Optional.of(new Tensor(parts.get0())) : Optional.empty();
  }

  private boolean isGammaTrained(Operation.BatchNorm norm) {
    return norm.scaled() && gradients.isTrained(gamma(norm));
  }

  private void addGradients(Operation.BatchNorm norm, T_TensorTensorTensor_T parts) {
    if (isGammaTrained(norm)) {
      gradients.add(gamma(norm), parts.get1());
    }
    if (gradients.isTrained(beta(norm))) {
      gradients.add(beta(norm), parts.get2());
    }
  }

  /** The input's gradient is the output's, scaled, as the statistics are constants. */
  private Optional<Tensor> frozenBackward(
      Operation.BatchNorm norm,
      Tensor input,
      Statistics statistics,
      Tensor gradient,
      boolean inPlace,
      boolean further) {
    if (norm.variables().stream().anyMatch(gradients::isTrained)) {
      addGradients(
          norm,
          torch.native_batch_norm_backward(
              gradient,
              input,
              presentScale(norm),
              new TensorOptional(movingMean(norm)),
              new TensorOptional(movingVariance(norm)),
              new TensorOptional(statistics.mean()),
              new TensorOptional(statistics.inverseDeviation()),
              false,
              norm.epsilon(),
              wanted(false, isGammaTrained(norm), gradients.isTrained(beta(norm)))));
    }
    if (!further) {
      return Optional.empty();
    }
    Tensor target = inPlace ? new Tensor(gradient) : memory.like(gradient);
    Tensor factors = factors(norm, statistics);
    affine(target, gradient, factors, torch.zeros_like(factors));
    return Optional.of(target);
  }

  /**
   * Computes what libtorch would write to a new activation: scale / deviation * (gradient - mean of
   * the gradient - normalised input * mean of the gradient times that), as a sum of three terms.
   *
   * @param target may be the gradient itself
   * @param parts with the sums of this process's gradient, times the normalised input and alone,
   *     for each channel
   */
  private void toInputGradient(
      Tensor target,
      Tensor gradient,
      Operation.BatchNorm norm,
      Tensor input,
      Statistics statistics,
      T_TensorTensorTensor_T parts) {
    Tensor ofGamma = parts.get1();
    Tensor ofBeta = parts.get2();
    if (whole.isPresent()) {
      float[][] sums = whole.get().sums(TorchTensors.values(ofGamma), TorchTensors.values(ofBeta));
      ofGamma = likeVariables(norm, sums[0]);
      ofBeta = likeVariables(norm, sums[1]);
    }
    Scalar cells = new Scalar((double) statistics.cells());
    Tensor ofGradient = factors(norm, statistics);
    Tensor ofInput = ofGradient.mul(statistics.inverseDeviation()).mul_(ofGamma).div_(cells).neg_();
    Tensor offsets = ofGradient.mul(ofBeta).div_(cells).neg_();
    offsets.addcmul_(ofInput, statistics.mean(), new Scalar(-1.0));
    affine(target, gradient, ofGradient, offsets);
    if (isFloat(target)) {
      target.addcmul_(input, ofInput.view(1, norm.channels(), 1, 1));
    } else {
      Tensor term = memory.like(input);
      affine(term, input, ofInput, torch.zeros_like(ofInput));
      target.add_(term);
    }
  }

  private TensorOptional scale(Operation.BatchNorm norm) {
    return norm.scaled() ? new TensorOptional(variables.apply(gamma(norm))) : new TensorOptional();
  }

  /** Without one, CUDA's code forgets beta's gradient. */
  private TensorOptional presentScale(Operation.BatchNorm norm) {
    return norm.scaled()
        ? scale(norm)
        : new TensorOptional(torch.ones_like(variables.apply(beta(norm))));
  }

  private Tensor movingMean(Operation.BatchNorm norm) {
    return variables.apply(norm.scope() + "/moving_mean");
  }

  private Tensor movingVariance(Operation.BatchNorm norm) {
    return variables.apply(norm.scope() + "/moving_variance");
  }

  private static String gamma(Operation.BatchNorm norm) {
    return norm.scope() + "/gamma";
  }

  private static String beta(Operation.BatchNorm norm) {
    return norm.scope() + "/beta";
  }
}
