package dev.fgvc.nets.arch;

import java.util.List;

/**
 * One step of a network.
 *
 * @param index position in the graph; inputs have smaller ones
 * @param operation what is computed
 * @param inputs indices of the nodes it reads, in the operation's order
 * @param channels depth of the output
 */
public record Node(int index, Operation operation, List<Integer> inputs, int channels) {

  /** Copies the inputs. */
  public Node {
    inputs = List.copyOf(inputs);
  }
}
