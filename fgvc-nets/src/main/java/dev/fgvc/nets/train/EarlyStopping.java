package dev.fgvc.nets.train;

import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/**
 * Ends a run when a measure has not fallen for some epochs. Counts anew for each run, as for each
 * stage of {@link TwoStage}; resumed with the run it was part of, it goes on counting where it was.
 *
 * <pre>{@code
 * trainer.withListener(
 *     EarlyStopping.of(epoch -> errorOnHeldOutImages(epoch.averagedWeights().get()), 3));
 * }</pre>
 */
public final class EarlyStopping implements TrainingListener {

  private final ToDoubleFunction<TrainingEpoch> measure;
  private final int patience;
  private final Consumer<TrainingEpoch> onBest;
  private double best = Double.POSITIVE_INFINITY;
  private int sinceBest;

  private EarlyStopping(
      ToDoubleFunction<TrainingEpoch> measure, int patience, Consumer<TrainingEpoch> onBest) {
    this.measure = measure;
    this.patience = patience;
    this.onBest = onBest;
  }

  /**
   * Stops after this many epochs in a row without a new lowest measure.
   *
   * @param measure what should fall, such as an error on held-out images; NaN is never a new lowest
   * @param patience at least 1
   * @return the listener
   */
  public static EarlyStopping of(ToDoubleFunction<TrainingEpoch> measure, int patience) {
    if (patience < 1) {
      throw new IllegalArgumentException("patience " + patience + " must be at least 1");
    }
    return new EarlyStopping(measure, patience, epoch -> {});
  }

  /**
   * The same, telling of each new lowest measure, for example to keep the weights.
   *
   * @param listener called after the measure
   * @return a new listener that has counted nothing yet
   */
  public EarlyStopping onBest(Consumer<TrainingEpoch> listener) {
    return new EarlyStopping(measure, patience, listener);
  }

  /**
   * The lowest measure of the run so far.
   *
   * @return infinity before its first epoch's end
   */
  public double best() {
    return best;
  }

  @Override
  public Decision epoch(TrainingEpoch epoch) {
    double value = measure.applyAsDouble(epoch);
    if (value < best) {
      best = value;
      sinceBest = 0;
      onBest.accept(epoch);
    } else {
      sinceBest++;
    }
    return sinceBest >= patience ? Decision.STOP : Decision.CONTINUE;
  }

  @Override
  public void started() {
    best = Double.POSITIVE_INFINITY;
    sinceBest = 0;
  }

  @Override
  public String state() {
    return Double.toHexString(best) + " " + sinceBest;
  }

  @Override
  public void resumed(long step, String state) {
    started();
    int space = state.indexOf(' ');
    if (space > 0) {
      best = Double.parseDouble(state.substring(0, space));
      sinceBest = Integer.parseInt(state.substring(space + 1));
    }
  }
}
