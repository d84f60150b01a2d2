package dev.fgvc.nets.experiment;

import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.weights.Weights;

/**
 * A trained network for others to build on.
 *
 * @param choice which network it is
 * @param graph with as many classes as it was trained on
 * @param weights their moving averages, which the authors evaluate with
 * @param resolution it was trained at
 */
public record TrainedNetwork(
    NetworkChoice choice, NetworkGraph graph, Weights weights, Resolution resolution) {

  /**
   * The same network with other weights.
   *
   * @param changed complete for the graph
   * @return a new value
   * @throws IllegalArgumentException if a variable is missing or of another shape
   */
  public TrainedNetwork withWeights(Weights changed) {
    changed.requireFor(graph);
    return new TrainedNetwork(choice, graph, changed, resolution);
  }
}
