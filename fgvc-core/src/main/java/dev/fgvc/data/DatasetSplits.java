package dev.fgvc.data;

import java.util.Objects;

/**
 * A data set in its two official parts, which share their classes.
 *
 * @param name what the whole is called
 * @param train the images to learn from
 * @param validation the images to measure with
 */
public record DatasetSplits(String name, Dataset train, Dataset validation) {

  /**
   * Refuses parts with different classes.
   *
   * @param name what the whole is called
   * @param train the images to learn from
   * @param validation the images to measure with
   */
  public DatasetSplits {
    Objects.requireNonNull(name, "name");
    if (!train.classNames().equals(validation.classNames())) {
      throw new IllegalArgumentException(
          name + ": the classes of " + train + " and " + validation + " are not the same");
    }
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
