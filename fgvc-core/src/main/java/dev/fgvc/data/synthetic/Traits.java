package dev.fgvc.data.synthetic;

import dev.fgvc.random.SplitMix64;
import java.awt.Color;

/**
 * The look of a species, as a sequence of answers to the questions of its painter. Most answers
 * belong to the genus. Every other question for a detail or a proportion is one in which the
 * species of this genus differ, each from each; which ones these are is the genus's own choice.
 */
final class Traits {

  /** Species in a genus. */
  static final int GENUS_SIZE = 3;

  private final SplitMix64 genus;
  private final int species;
  private int question;

  /**
   * The traits of one species.
   *
   * @param genusSeed the same for the species of a genus
   * @param species from 0 to {@link #GENUS_SIZE} less 1
   */
  Traits(long genusSeed, int species) {
    this.genus = new SplitMix64(genusSeed);
    this.species = species;
    this.question = genus.nextInt(2);
  }

  /** One of n forms that the genus has, from 0. */
  int common(int n) {
    return genus.nextInt(n);
  }

  /** A number that the genus has. */
  double common(double low, double high) {
    return low + (high - low) * genus.nextDouble();
  }

  /** One of n forms, at least {@link #GENUS_SIZE}, that may tell the species apart. */
  int detail(int n) {
    int base = genus.nextInt(n);
    return (base + shift()) % n;
  }

  /**
   * A number that may tell the species apart; then they are a third of the range from each other.
   */
  double proportion(double low, double high) {
    int base = genus.nextInt(GENUS_SIZE);
    double third = ((base + shift()) % GENUS_SIZE + 0.3 + 0.4 * genus.nextDouble()) / GENUS_SIZE;
    return low + (high - low) * third;
  }

  /** A colour of the genus, of one of these hues in degrees. */
  Color colour(double saturation, double brightness, int... hues) {
    double hue = hues[genus.nextInt(hues.length)] + 16 * genus.nextDouble() - 8;
    return Color.getHSBColor(
        (float) (hue / 360),
        (float) Math.min(1, saturation * (0.8 + 0.4 * genus.nextDouble())),
        (float) Math.min(1, brightness * (0.8 + 0.4 * genus.nextDouble())));
  }

  private int shift() {
    return question++ % 2 == 0 ? species : 0;
  }
}
