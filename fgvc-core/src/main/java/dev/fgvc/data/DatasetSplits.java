package dev.fgvc.data;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * A data set in its two official parts, which share their classes.
 *
 * @param name what the whole is called
 * @param train the images to learn from
 * @param validation the images to measure with
 */
public record DatasetSplits(String name, Dataset train, Dataset validation) {

  /** Refuses parts with different classes. */
  public DatasetSplits {
    Objects.requireNonNull(name, "name");
    Dataset.requireSameClasses(name, train, validation);
  }

  /**
   * Several domains as one, part by part.
   *
   * @param domains at least one; a single one is returned as it is
   * @return the domain that {@link Dataset#concat} makes of them, named after all of them
   * @throws IllegalArgumentException if there is no domain
   */
  public static DatasetSplits concat(List<DatasetSplits> domains) {
    if (domains.isEmpty()) {
      throw new IllegalArgumentException("no domain to join");
    }
    if (domains.size() == 1) {
      return domains.get(0);
    }
    String name = domains.stream().map(DatasetSplits::name).collect(Collectors.joining(" + "));
    return new DatasetSplits(
        name,
        Dataset.concat(name, domains.stream().map(DatasetSplits::train).toList()),
        Dataset.concat(name, domains.stream().map(DatasetSplits::validation).toList()));
  }

  /**
   * The number of classes.
   *
   * @return the class count both parts have
   */
  public int classCount() {
    return train.classCount();
  }

  /**
   * Both parts with some of the classes, labels remapped.
   *
   * @param newName what to call the result
   * @param classes the labels to keep
   * @return the parts with these classes
   * @throws IllegalArgumentException as {@link Dataset#selectClasses}
   */
  public DatasetSplits selectClasses(String newName, int[] classes) {
    return new DatasetSplits(
        newName, train.selectClasses(newName, classes), validation.selectClasses(newName, classes));
  }
}
