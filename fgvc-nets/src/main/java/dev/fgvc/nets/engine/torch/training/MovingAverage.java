package dev.fgvc.nets.engine.torch.training;

import dev.fgvc.nets.engine.Device;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;

/** Exponential averages of variables, which start at their values. */
public final class MovingAverage implements AutoCloseable {

  private final List<FlatVariables> present;
  private final List<FlatVariables> averages = new ArrayList<>();

  public MovingAverage(List<FlatVariables> present, Device device) {
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
   * @param decay the part of the old averages in the new ones
   */
  public void update(double decay) {
    for (int i = 0; i < averages.size(); i++) {
      averages.get(i).flat().lerp_(present.get(i).flat(), new Scalar(1 - decay));
    }
  }

  public List<FlatVariables> averages() {
    return averages;
  }

  @Override
  public void close() {
    averages.forEach(FlatVariables::close);
  }
}
