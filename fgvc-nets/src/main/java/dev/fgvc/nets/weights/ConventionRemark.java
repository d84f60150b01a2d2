package dev.fgvc.nets.weights;

import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.Convention;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Differences between a graph and the convention of the library whose weights it is given. */
final class ConventionRemark {

  private ConventionRemark() {}

  /** A sentence for the report, or empty if the graph gives the library's results. */
  static Optional<String> on(
      NetworkGraph graph, Architecture architecture, Convention convention, String library) {
    NetworkGraph theirs =
        architecture
            .builder()
            .classes(graph.classes())
            .auxiliaryHead(graph.auxiliaryLogits().isPresent())
            .convention(convention)
            .build();
    if (inferenceDetails(graph).equals(inferenceDetails(theirs))) {
      return Optional.empty();
    }
    return Optional.of(
        "the graph pools or normalises otherwise than "
            + (convention == Convention.PYTORCH ? "PyTorch's" : library)
            + ", so its results differ: draw it with convention("
            + convention
            + ")");
  }

  /** Poolings and epsilons, in order. */
  private static List<Object> inferenceDetails(NetworkGraph graph) {
    List<Object> details = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (node.operation() instanceof Operation.BatchNorm norm) {
        details.add(norm.epsilon());
      } else if (node.operation() instanceof Operation.MaxPool
          || node.operation() instanceof Operation.AveragePool) {
        details.add(node.operation());
      }
    }
    return details;
  }
}
