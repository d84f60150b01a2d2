package dev.fgvc.data;

import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;

/**
 * The images that data sets seem to have in common.
 *
 * @param sets what was compared
 * @param maximumDistance the most bits by which fingerprints of copies differ
 * @param matches for each image and each other set, the nearest image there, if one is near enough;
 *     so a pair that is nearest both ways stands here twice
 * @param unreadable images that could not be compared
 */
public record DuplicateReport(
    List<Dataset> sets, int maximumDistance, List<Match> matches, List<Unreadable> unreadable) {

  /** Keeps copies of the lists. */
  public DuplicateReport {
    sets = List.copyOf(sets);
    matches = List.copyOf(matches);
    unreadable = List.copyOf(unreadable);
  }

  /**
   * An image of a set.
   *
   * @param set its name
   * @param position in that set
   * @param path its file
   */
  public record Place(String set, int position, Path path) {}

  /**
   * Two images that are alike.
   *
   * @param image the one that was looked for
   * @param nearest the one that was found in another set
   * @param distance the bits by which their fingerprints differ
   * @param mirrored whether one is like the other's mirror image
   */
  public record Match(Place image, Place nearest, int distance, boolean mirrored) {

    /** Such as {@code a/1.jpg = b/7.jpg, 2 bits, mirrored}. */
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%s = %s, %d bits%s",
          image.path(),
          nearest.path(),
          distance,
          mirrored ? ", mirrored" : "");
    }
  }

  /**
   * An image that could not be compared.
   *
   * @param set the name of its set
   * @param finding what is wrong with it
   */
  public record Unreadable(String set, VerificationReport.Finding finding) {}

  /**
   * The images of one set that are in another too.
   *
   * @param set whose images are counted
   * @param other where their likes are
   * @return positions in the set, ascending
   * @throws IllegalArgumentException if one of the sets was not compared
   */
  public int[] positions(Dataset set, Dataset other) {
    requireCompared(set);
    requireCompared(other);
    return matches.stream()
        .filter(match -> match.image().set().equals(set.name()))
        .filter(match -> match.nearest().set().equals(other.name()))
        .mapToInt(match -> match.image().position())
        .toArray();
  }

  /**
   * A set without the images that are in another too.
   *
   * @param set to be cleaned, such as the training images of a source
   * @param other which is left as it is, such as the test images of a target
   * @return a view on the other images
   * @throws IllegalArgumentException if one of the sets was not compared
   */
  public Dataset without(Dataset set, Dataset other) {
    BitSet kept = new BitSet(set.size());
    kept.set(0, set.size());
    for (int position : positions(set, other)) {
      kept.clear(position);
    }
    return set.selectImages(set.name(), kept.stream().toArray());
  }

  private void requireCompared(Dataset set) {
    if (sets.stream().noneMatch(each -> each.name().equals(set.name()))) {
      throw new IllegalArgumentException(
          set + " is none of " + sets.stream().map(Dataset::name).toList());
    }
  }

  /** Counts for each pair of sets, then a line for each match and each image that is unreadable. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Dataset set : sets) {
      for (Dataset other : sets) {
        if (set != other) {
          text.append(
              String.format(
                  Locale.ROOT,
                  "%d of %d images of %s are within %d bits of one of %s%n",
                  positions(set, other).length,
                  set.size(),
                  set.name(),
                  maximumDistance,
                  other.name()));
        }
      }
    }
    matches.forEach(match -> text.append(match).append(System.lineSeparator()));
    unreadable.forEach(
        each ->
            text.append("not compared: ").append(each.finding()).append(System.lineSeparator()));
    return text.toString();
  }
}
