package dev.fgvc.data;

import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

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
   * @param set whose images are counted: one that was compared, or a part of it under its name
   * @param other where their likes are
   * @return positions in the set that is given, ascending
   * @throws IllegalArgumentException if one of the sets was not compared, or an image of the first
   */
  public int[] positions(Dataset set, Dataset other) {
    requireImages(set, requireCompared(set));
    requireCompared(other);
    Set<Path> found =
        matches.stream()
            .filter(match -> match.image().set().equals(set.name()))
            .filter(match -> match.nearest().set().equals(other.name()))
            .map(match -> match.image().path())
            .collect(Collectors.toSet());
    return IntStream.range(0, set.size()).filter(at -> found.contains(set.path(at))).toArray();
  }

  /**
   * A set without the images that are in another too. What comes out can be cleaned again, of a
   * third set's images.
   *
   * @param set to be cleaned, such as the training images of a source
   * @param other which is left as it is, such as the test images of a target
   * @return a view on the other images
   * @throws IllegalArgumentException as {@link #positions}
   */
  public Dataset without(Dataset set, Dataset other) {
    BitSet kept = new BitSet(set.size());
    kept.set(0, set.size());
    for (int position : positions(set, other)) {
      kept.clear(position);
    }
    return set.selectImages(set.name(), kept.stream().toArray());
  }

  private Dataset requireCompared(Dataset set) {
    return sets.stream()
        .filter(each -> each.name().equals(set.name()))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    set + " is none of " + sets.stream().map(Dataset::name).toList()));
  }

  private static void requireImages(Dataset set, Dataset compared) {
    Set<Path> known = paths(compared).collect(Collectors.toSet());
    paths(set)
        .filter(path -> !known.contains(path))
        .findFirst()
        .ifPresent(
            path -> {
              throw new IllegalArgumentException(
                  path + " of " + set + " was not compared: search with this set");
            });
  }

  private static Stream<Path> paths(Dataset set) {
    return IntStream.range(0, set.size()).mapToObj(set::path);
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
