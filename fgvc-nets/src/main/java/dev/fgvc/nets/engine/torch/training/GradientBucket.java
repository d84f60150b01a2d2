package dev.fgvc.nets.engine.torch.training;

import com.google.common.collect.Lists;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.arch.Parameter;
import dev.fgvc.nets.engine.torch.training.FlatRanges.Range;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Gradients that are exchanged at once, as soon as the way back has completed them.
 *
 * @param node the index of the node whose turn completes the last of them
 * @param variables which they belong to, wholly or in part
 * @param positions where they lie among all
 */
record GradientBucket(int node, List<String> variables, FlatRanges positions) {

  /** The gradient of one variable, and the node whose turn on the way back completes it. */
  private record Gradient(String variable, Range range, int node) {}

  /**
   * All gradients, in the order in which the way back completes them: that depends on the graph
   * alone, so it is the same for all processes.
   *
   * @param nodes of the graph, as the way back goes through them from the last to the first
   * @param trained variables in the order of their gradients
   * @param bytes of a bucket; the last may have less
   */
  static List<GradientBucket> of(List<Node> nodes, List<Parameter> trained, long bytes) {
    List<GradientBucket> buckets = new ArrayList<>();
    List<Gradient> open = new ArrayList<>();
    long capacity = Math.max(1, bytes / Float.BYTES);
    long room = capacity;
    for (Gradient whole : gradients(nodes, trained)) {
      Range rest = whole.range();
      while (rest.length() > 0) {
        long taken = Math.min(room, rest.length());
        open.add(new Gradient(whole.variable(), new Range(rest.from(), taken), whole.node()));
        rest = new Range(rest.from() + taken, rest.length() - taken);
        room -= taken;
        if (room == 0) {
          buckets.add(closed(open));
          open.clear();
          room = capacity;
        }
      }
    }
    if (!open.isEmpty()) {
      buckets.add(closed(open));
    }
    return buckets;
  }

  private static List<Gradient> gradients(List<Node> nodes, List<Parameter> trained) {
    Map<String, Integer> completing = new HashMap<>();
    for (Node node : Lists.reverse(nodes)) {
      if (node.operation() instanceof Operation.Layer layer) {
        layer.variables().forEach(variable -> completing.put(variable, node.index()));
      }
    }
    List<Gradient> gradients = new ArrayList<>();
    long from = 0;
    for (Parameter parameter : trained) {
      gradients.add(
          new Gradient(
              parameter.name(),
              new Range(from, parameter.size()),
              completing.get(parameter.name())));
      from += parameter.size();
    }
    gradients.sort(Comparator.comparing(Gradient::node).reversed());
    return gradients;
  }

  private static GradientBucket closed(List<Gradient> gradients) {
    List<Range> ranges = new ArrayList<>();
    gradients.stream()
        .map(Gradient::range)
        .sorted(Comparator.comparing(Range::from))
        .forEach(range -> append(ranges, range));
    return new GradientBucket(
        gradients.get(gradients.size() - 1).node(),
        gradients.stream().map(Gradient::variable).toList(),
        new FlatRanges(ranges));
  }

  /** Lengthens the last range if this one follows it, as fewer copies take less time. */
  private static void append(List<Range> ranges, Range next) {
    int last = ranges.size() - 1;
    if (last >= 0 && ranges.get(last).from() + ranges.get(last).length() == next.from()) {
      ranges.set(
          last, new Range(ranges.get(last).from(), ranges.get(last).length() + next.length()));
    } else {
      ranges.add(next);
    }
  }
}
