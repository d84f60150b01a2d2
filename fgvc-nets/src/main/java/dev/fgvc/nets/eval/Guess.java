package dev.fgvc.nets.eval;

import java.util.Locale;

/**
 * A class that an image may show.
 *
 * @param label of the class
 * @param className its name, or its number where the network knows no names
 * @param probability by the network's softmax, temperature-scaled if it was calibrated
 */
public record Guess(int label, String className, double probability) {

  /** Such as {@code Black-footed Albatross 93.1 %}. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%s %.1f %%", className, 100 * probability);
  }
}
