package dev.fgvc.data.synthetic;

/**
 * One class of a domain: what it looks like and how many pictures are drawn of it.
 *
 * @param name family, genus and species, such as {@code bird_c2}
 * @param genusSeed what the species of its genus have in common
 * @param member which of the genus it is, from 0 to {@link Traits#GENUS_SIZE} less 1
 */
record Species(
    String name, Family family, long genusSeed, int member, int training, int validation) {

  /** The species of a family are numbered through all domains, so that no two are the same. */
  static Species numbered(Family family, int number, int training, int validation, long seed) {
    int genus = number / Traits.GENUS_SIZE;
    int member = number % Traits.GENUS_SIZE;
    return new Species(
        family.singular() + "_" + letters(genus) + (member + 1),
        family,
        mix(mix(seed, family.ordinal()), genus),
        member,
        training,
        validation);
  }

  /**
   * Returns the seed of one picture of this species; validation pictures are numbered after the
   * others.
   */
  long pictureSeed(int number) {
    return mix(mix(genusSeed, 1000L + member), number);
  }

  int pictures() {
    return training + validation;
  }

  private static String letters(int genus) {
    String last = String.valueOf((char) ('a' + genus % 26));
    return genus < 26 ? last : letters(genus / 26 - 1) + last;
  }

  /** Two numbers to one that depends on each of their bits, by the finalizer of splitmix64. */
  static long mix(long a, long b) {
    long z = a * 0x9E3779B97F4A7C15L + b + 0x2545F4914F6CDD1DL;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
