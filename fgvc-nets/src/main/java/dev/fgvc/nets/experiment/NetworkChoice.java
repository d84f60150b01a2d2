package dev.fgvc.nets.experiment;

import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.Head;
import java.util.Optional;

/**
 * A network to experiment with.
 *
 * @param label as tables show it, such as {@code Inc-v3}
 * @param architecture one of the paper's; empty for a plain network of six convolutions, which
 *     learns in minutes
 * @param widthMultiplier of its channels; 1 is the paper's network
 * @param head that makes the features; the average in the paper
 */
public record NetworkChoice(
    String label, Optional<Architecture> architecture, double widthMultiplier, Head head) {

  /**
   * A network of the paper.
   *
   * @param label as tables show it, such as {@code Inc-v3}
   * @param architecture one of the paper's
   * @param widthMultiplier of its channels; 1 is the paper's network
   */
  public NetworkChoice(String label, Architecture architecture, double widthMultiplier) {
    this(label, Optional.of(architecture), widthMultiplier, Head.average());
  }

  /**
   * A plain network of six convolutions with 16 to 128 channels.
   *
   * @param label as tables show it
   * @param widthMultiplier of its channels
   * @return the choice
   */
  public static NetworkChoice small(String label, double widthMultiplier) {
    return new NetworkChoice(label, Optional.empty(), widthMultiplier, Head.average());
  }

  /**
   * The same network with another head.
   *
   * @param name as tables show it
   * @param other the head
   * @return a new choice
   */
  public NetworkChoice withHead(String name, Head other) {
    return new NetworkChoice(name, architecture, widthMultiplier, other);
  }

  /**
   * The architecture and its width.
   *
   * @return a few words
   */
  public String description() {
    return architecture.map(Architecture::toString).orElse("six convolutions")
        + (widthMultiplier == 1 ? "" : ", width x " + widthMultiplier);
  }
}
