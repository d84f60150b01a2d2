package dev.fgvc.nets.arch;

import dev.fgvc.image.Resolution;
import java.util.List;

/**
 * How much memory the intermediate results of a forward pass take for one image, in float32 and
 * without the engine's scratch space; a batch of n takes n times as much, bfloat16 half of it.
 *
 * @param trainingBytes all results together, as a backward pass needs them
 * @param inferenceBytes the most that is alive at one time when each result goes as soon as nothing
 *     reads it any more and each operation writes to memory of its own
 */
public record ActivationMemory(long trainingBytes, long inferenceBytes) {

  private static final long BYTES = 4;

  static ActivationMemory of(NetworkGraph graph, Resolution resolution) {
    List<Node> results =
        graph.auxiliaryLogits().map(head -> List.of(graph.logits(), head)).orElse(logits(graph));
    return new ActivationMemory(
        alive(graph, resolution, results, false), alive(graph, resolution, logits(graph), true));
  }

  private static List<Node> logits(NetworkGraph graph) {
    return List.of(graph.logits());
  }

  /** The largest number of bytes alive at once while some nodes are computed. */
  private static long alive(
      NetworkGraph graph, Resolution resolution, List<Node> wanted, boolean release) {
    List<MapShape> shapes = graph.shapes(resolution, wanted);
    int[] readers = new int[shapes.size()];
    for (Node node : graph.nodes()) {
      if (shapes.get(node.index()).size() > 0) {
        node.inputs().forEach(input -> readers[input]++);
      }
    }
    long alive = 0;
    long most = 0;
    for (Node node : graph.nodes()) {
      long size = shapes.get(node.index()).size();
      alive += BYTES * size;
      most = Math.max(most, alive);
      if (release && size > 0) {
        for (int input : node.inputs()) {
          if (--readers[input] == 0) {
            alive -= BYTES * shapes.get(input).size();
          }
        }
      }
    }
    return most;
  }
}
