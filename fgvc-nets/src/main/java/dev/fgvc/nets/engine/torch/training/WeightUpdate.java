package dev.fgvc.nets.engine.torch.training;

import com.google.common.collect.Iterables;
import dev.fgvc.nets.arch.Parameter;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.TrainingOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * An optimizer's update of all trained variables: the mean of the waiting gradients, weight decay,
 * clipping, and the rule, done together on one chunk of the flat tensors after the other.
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
public final class WeightUpdate implements AutoCloseable {

  /** Values of a chunk, so that the passes over it find them in a cache. */
  private static final long CHUNK = 1 << 17;

  /** The same on a GPU, where each operation takes some time to start. */
  private static final long LARGE_CHUNK = 1 << 24;

  /**
   * A part of the flat tensors.
   *
   * @param from where it starts
   * @param length values in all
   * @param decayed whether its variables are under weight decay
   * @param rateFactor of the learning rate of its variables
   */
  private record Segment(long from, long length, boolean decayed, double rateFactor) {}

  private final TrainingOptions options;
  private final FlatVariables trained;
  private final OptimizerState optimizer;
  private final List<Segment> segments;
  private final Tensor decayedSquares;

  /**
   * The update of some variables.
   *
   * @param trained those under weight decay in front, those of one rate factor next to each other
   * @param rateFactors by the variables' names
   * @param decayedSquares a tensor without dimensions that becomes the sum of the squares of all
   *     variables under weight decay, where that is part of the loss; it stays the caller's
   */
  public WeightUpdate(
      TrainingOptions options,
      FlatVariables trained,
      Map<String, Double> rateFactors,
      Tensor decayedSquares) {
    this.options = options;
    this.trained = trained;
    this.decayedSquares = decayedSquares;
    List<Parameter> parameters = trained.parameters();
    this.optimizer = OptimizerState.of(options.optimizer(), parameters, options.device());
    this.segments = segments(parameters, rateFactors);
    sumSquares();
  }

  /** The longest parts whose variables are updated alike. */
  private static List<Segment> segments(
      List<Parameter> parameters, Map<String, Double> rateFactors) {
    List<Segment> segments = new ArrayList<>();
    for (Parameter parameter : parameters) {
      double factor = rateFactors.get(parameter.name());
      Segment last =
          segments.isEmpty() ? new Segment(0, 0, false, Double.NaN) : Iterables.getLast(segments);
      if (last.decayed() == parameter.weightDecay() && last.rateFactor() == factor) {
        segments.set(
            segments.size() - 1,
            new Segment(last.from(), last.length() + parameter.size(), last.decayed(), factor));
      } else {
        segments.add(
            new Segment(
                last.from() + last.length(), parameter.size(), parameter.weightDecay(), factor));
      }
    }
    return segments;
  }

  /** The optimizer's slots by name. */
  public Map<String, FlatVariables> slots() {
    return optimizer.slots();
  }

  /** Whether weight decay is part of the loss, and of the gradient. */
  public boolean decaysGradient() {
    return options.weightDecay() > 0 && !options.optimizer().decouplesWeightDecay();
  }

  private boolean decaysWeights() {
    return options.weightDecay() > 0 && options.optimizer().decouplesWeightDecay();
  }

  /**
   * Changes the variables.
   *
   * @param sums of the gradients of the batches that wait; overwritten
   * @param waiting how many batches these are
   * @param update counted from 1
   */
  public void apply(Tensor sums, int waiting, double learningRate, long update) {
    try (PointerScope temporaries = new PointerScope();
        AutoGradMode mode = new AutoGradMode(false)) {
      double factor = clipFactor(sums, waiting);
      decayedSquares.zero_();
      eachChunk(
          (weights, from, segment) -> {
            double rate = learningRate * segment.rateFactor();
            Tensor gradient = sums.narrow(0, from, weights.numel());
            complete(gradient, weights, waiting, segment.decayed());
            if (factor < 1) {
              gradient.mul_(new Scalar(factor));
            }
            if (segment.decayed() && decaysWeights()) {
              weights.mul_(new Scalar(1 - rate * options.weightDecay()));
            }
            optimizer.update(weights, gradient, from, rate, update);
            addSquares(weights, segment.decayed());
          });
    }
  }

  /** Works on some weights. */
  private interface ChunkTask {

    /**
     * Takes a chunk.
     *
     * @param from where it begins in the flat tensor
     * @param segment that it is a part of
     */
    void take(Tensor weights, long from, Segment segment);
  }

  private void eachChunk(ChunkTask task) {
    long most = options.device().kind() == Device.Kind.CPU ? CHUNK : LARGE_CHUNK;
    for (Segment segment : segments) {
      long end = segment.from() + segment.length();
      for (long from = segment.from(); from < end; from += most) {
        try (PointerScope chunk = new PointerScope()) {
          Tensor weights = trained.flat().narrow(0, from, Math.min(most, end - from));
          task.take(weights, from, segment);
        }
      }
    }
  }

  /** From the sum over the batches that wait to their mean, and the decay's part added. */
  private void complete(Tensor gradient, Tensor weights, int waiting, boolean decayed) {
    if (waiting > 1) {
      gradient.mul_(new Scalar(1.0 / waiting));
    }
    if (decayed && decaysGradient()) {
      gradient.add_(weights, new Scalar(options.weightDecay()));
    }
  }

  /** The factor that shortens all gradients together to the norm allowed. */
  private double clipFactor(Tensor sums, int waiting) {
    if (options.clipNorm() == 0) {
      return 1;
    }
    Tensor squares = torch.zeros_like(decayedSquares);
    eachChunk(
        (weights, from, segment) -> {
          Tensor gradient = sums.narrow(0, from, weights.numel()).clone();
          complete(gradient, weights, waiting, segment.decayed());
          squares.add_(torch.dot(gradient, gradient));
        });
    double norm = Math.sqrt(squares.item_float());
    return norm > options.clipNorm() ? options.clipNorm() / norm : 1;
  }

  /** Sums the squares again, after the variables were set. */
  public void sumSquares() {
    try (PointerScope temporaries = new PointerScope();
        AutoGradMode mode = new AutoGradMode(false)) {
      decayedSquares.zero_();
      eachChunk((weights, from, segment) -> addSquares(weights, segment.decayed()));
    }
  }

  private void addSquares(Tensor weights, boolean decayed) {
    if (decayed && decaysGradient()) {
      decayedSquares.add_(torch.dot(weights, weights));
    }
  }

  @Override
  public void close() {
    optimizer.close();
  }
}
