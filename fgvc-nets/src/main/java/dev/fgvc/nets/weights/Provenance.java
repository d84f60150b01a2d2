package dev.fgvc.nets.weights;

/**
 * Where weights come from; travels with them in a file. Empty texts mean that it is not known.
 *
 * @param data what they were trained on, such as {@code iNaturalist 2017, train}
 * @param recipe how, such as rates and epochs, or the file they were imported from
 * @param seed of initial values and sampling
 * @param version of the software that made them
 */
public record Provenance(String data, String recipe, long seed, String version) {

  /**
   * Nothing known.
   *
   * @return empty texts
   */
  public static Provenance unknown() {
    return new Provenance("", "", 0, "");
  }
}
