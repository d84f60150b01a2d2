package dev.fgvc.nets.engine.torch;

import dev.fgvc.nets.engine.Device;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;

/**
 * Exponential averages of variables as TensorFlow's {@code ExponentialMovingAverage} with an update
 * count: they start at the variables' values and the first steps count for more.
 */
final class MovingAverage implements AutoCloseable {

  private final double decay;
  private final List<FlatVariables> present;
  private final List<FlatVariables> averages = new ArrayList<>();

  MovingAverage(double decay, List<FlatVariables> present, Device device) {
    this.decay = decay;
    this.present = present;
    for (FlatVariables variables : present) {
      FlatVariables average = new FlatVariables(variables.parameters(), device);
      average.flat().copy_(variables.flat());
      averages.add(average);
    }
  }

  /**
   * Moves the averages towards the present values; temporaries go to the caller's scope.
   *
   * @param updates made before this one
   */
  void update(long updates) {
    double warmedUp = Math.min(decay, (1.0 + updates) / (10.0 + updates));
    for (int i = 0; i < averages.size(); i++) {
      averages.get(i).flat().lerp_(present.get(i).flat(), new Scalar(1 - warmedUp));
    }
  }

  List<FlatVariables> averages() {
    return averages;
  }

  @Override
  public void close() {
    averages.forEach(FlatVariables::close);
  }
}
