package dev.fgvc.data;

import static com.google.common.base.Preconditions.checkArgument;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Class names and the images that belong to them, in a fixed order. Immutable; the images stay
 * files, so a data set of a million images takes about 200 MB, most of it paths. Parts and joined
 * data sets are views on it and take next to nothing.
 *
 * <p>A class may be without images here, as it happens in a validation part; the readers refuse
 * that for a training part.
 */
public final class Dataset {

  private final String name;
  private final List<String> classNames;
  private final List<String> superCategories;
  private final Optional<Taxonomy> taxonomy;
  private final ImageList images;
  private final int[] imageCounts;

  private Dataset(
      String name,
      List<String> classNames,
      List<String> superCategories,
      Optional<Taxonomy> taxonomy,
      ImageList images) {
    this.name = Objects.requireNonNull(name, "name");
    this.classNames = List.copyOf(classNames);
    this.superCategories = List.copyOf(superCategories);
    this.taxonomy = taxonomy;
    this.images = images;
    if (this.classNames.isEmpty()) {
      throw new IllegalArgumentException("data set " + name + " has no classes");
    }
    if (!superCategories.isEmpty() && superCategories.size() != classNames.size()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "data set %s: %d super-categories for %d classes; one for each class, or none",
              name,
              superCategories.size(),
              classNames.size()));
    }
    this.imageCounts = new int[this.classNames.size()];
    for (int i = 0; i < images.size(); i++) {
      int label = images.label(i);
      if (label >= imageCounts.length) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "data set %s: label %d of %s, where there are %d classes (labels 0 to %d)",
                name,
                label,
                images.path(i),
                imageCounts.length,
                imageCounts.length - 1));
      }
      imageCounts[label]++;
    }
  }

  /**
   * A data set of these images.
   *
   * @param name what to call it in tables and messages
   * @param classNames the classes, at least one; position c names label c
   * @param images the images in the order they are addressed by; may be empty
   * @return the data set
   * @throws IllegalArgumentException if there is no class, or a label has none
   */
  public static Dataset of(String name, List<String> classNames, List<LabeledImage> images) {
    return new Dataset(name, classNames, List.of(), Optional.empty(), ImageList.of(images));
  }

  /**
   * Several data sets as one domain, such as ImageNet and iNaturalist together (section 5.3). The
   * classes of one follow those of the other and are called {@code dataset/class}. If one of them
   * has super-categories, the classes of those without have the data set's name as theirs. The
   * result is a view: it takes no memory for the images.
   *
   * @param name what to call the result
   * @param parts the data sets, at least one
   * @return the domain, with all their classes and images
   * @throws IllegalArgumentException if there is no part
   */
  public static Dataset concat(String name, List<Dataset> parts) {
    requirePart(name, parts);
    List<String> classNames = new ArrayList<>();
    List<String> superCategories = new ArrayList<>();
    boolean grouped = parts.stream().anyMatch(part -> !part.superCategories.isEmpty());
    int[] firstLabels = new int[parts.size()];
    for (int i = 0; i < firstLabels.length; i++) {
      Dataset part = parts.get(i);
      firstLabels[i] = classNames.size();
      part.classNames.forEach(each -> classNames.add(part.name + "/" + each));
      if (grouped) {
        superCategories.addAll(
            part.superCategories.isEmpty()
                ? Collections.nCopies(part.classCount(), part.name)
                : part.superCategories);
      }
    }
    List<ImageList> images = parts.stream().map(part -> part.images).toList();
    return new Dataset(
        name, classNames, superCategories, joined(parts), ImageList.join(images, firstLabels));
  }

  /**
   * Joins several parts with the same classes, one after the other, such as a training set and a
   * share of the validation set. The result is a view: it takes no memory for the images.
   *
   * @param name what to call the result
   * @param parts the data sets, at least one
   * @return their images, with the classes and super-categories of the first
   * @throws IllegalArgumentException if there is no part or their classes differ
   */
  public static Dataset append(String name, List<Dataset> parts) {
    requirePart(name, parts);
    Dataset first = parts.get(0);
    for (Dataset part : parts) {
      requireSameClasses(name, first, part);
    }
    List<ImageList> images = parts.stream().map(part -> part.images).toList();
    return new Dataset(
        name,
        first.classNames,
        first.superCategories,
        first.taxonomy,
        ImageList.join(images, new int[parts.size()]));
  }

  private static void requirePart(String name, List<Dataset> parts) {
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("no data set to make '" + name + "' of");
    }
  }

  /** Refuses parts of a data set that have different classes. */
  static void requireSameClasses(String name, Dataset first, Dataset second) {
    checkArgument(
        first.classNames.equals(second.classNames),
        "%s: the classes of %s and %s are not the same",
        name,
        first,
        second);
  }

  /**
   * Returns the name of this data set.
   *
   * @return the name
   */
  public String name() {
    return name;
  }

  /**
   * The class names in the order of the labels.
   *
   * @return an immutable list of length {@link #classCount()}
   */
  public List<String> classNames() {
    return classNames;
  }

  /**
   * Returns the group of each class, such as one of iNaturalist's 13 (section 5.1.1).
   *
   * @return an immutable list in the order of the labels, of length {@link #classCount()}; empty if
   *     the classes are not grouped
   */
  public List<String> superCategories() {
    return superCategories;
  }

  /**
   * The same images with grouped classes.
   *
   * @param categories what each class belongs to, in the order of the labels; empty for no groups
   * @return a data set with the same images
   * @throws IllegalArgumentException if there is not one for each class
   */
  public Dataset withSuperCategories(List<String> categories) {
    return new Dataset(name, classNames, categories, taxonomy, images);
  }

  /**
   * Where the classes stand in a tree, such as that of life. Parts have that of their classes;
   * joined data sets have one if all of them have one of the same ranks.
   *
   * @return the taxonomy; empty if there is none
   */
  public Optional<Taxonomy> taxonomy() {
    return taxonomy;
  }

  /**
   * The same images with a taxonomy of the classes.
   *
   * @param value a lineage for each class, in the order of the labels
   * @return a data set with the same images
   * @throws IllegalArgumentException if there is not one for each class
   */
  public Dataset withTaxonomy(Taxonomy value) {
    if (value.classCount() != classCount()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "data set %s: a taxonomy of %d classes for %d",
              name,
              value.classCount(),
              classCount()));
    }
    return new Dataset(name, classNames, superCategories, Optional.of(value), images);
  }

  private static Optional<Taxonomy> joined(List<Dataset> parts) {
    List<Taxonomy> known = parts.stream().flatMap(part -> part.taxonomy.stream()).toList();
    boolean alike = known.stream().map(Taxonomy::ranks).distinct().count() == 1;
    return alike && known.size() == parts.size()
        ? Optional.of(Taxonomy.concat(known))
        : Optional.empty();
  }

  /**
   * The classes of one super-category, to select them.
   *
   * @param superCategory its name
   * @return their labels, ascending; empty if there is no such super-category
   */
  public int[] classesOf(String superCategory) {
    return IntStream.range(0, superCategories.size())
        .filter(label -> superCategories.get(label).equals(superCategory))
        .toArray();
  }

  /**
   * All images.
   *
   * @return an immutable list of length {@link #size()}
   */
  public List<LabeledImage> images() {
    return images;
  }

  /**
   * The number of images.
   *
   * @return at least 0
   */
  public int size() {
    return images.size();
  }

  /**
   * The number of classes.
   *
   * @return at least 1
   */
  public int classCount() {
    return imageCounts.length;
  }

  /**
   * How many images each class has.
   *
   * @return a new array of length {@link #classCount()}
   */
  public int[] imageCounts() {
    return imageCounts.clone();
  }

  /**
   * The label of each image.
   *
   * @return a new array of length {@link #size()}
   */
  public int[] labels() {
    int[] labels = new int[images.size()];
    Arrays.setAll(labels, images::label);
    return labels;
  }

  /**
   * The distribution of the images over the classes.
   *
   * @return the histogram of {@link #imageCounts()}
   */
  public ClassHistogram histogram() {
    return ClassHistogram.of(imageCounts);
  }

  /**
   * The part of this data set that belongs to some classes, such as the selected source classes of
   * section 4.2. Images keep their order, and class {@code classes[i]} gets label i. The part is a
   * view: 4 bytes an image, no path is copied.
   *
   * @param newName what to call the part
   * @param classes the labels to keep, each at most once, at least one
   * @return the part, with {@code classes.length} classes
   * @throws IllegalArgumentException if a label is out of range or given twice, or none is given
   */
  public Dataset selectClasses(String newName, int[] classes) {
    int[] newLabel = new int[classCount()];
    Arrays.fill(newLabel, -1);
    List<String> newNames = new ArrayList<>(classes.length);
    for (int i = 0; i < classes.length; i++) {
      int label = classes[i];
      checkArgument(
          label >= 0 && label < newLabel.length,
          "class %s of %s, which has classes 0 to %s",
          label,
          name,
          classCount() - 1);
      checkArgument(newLabel[label] < 0, "class %s of %s is selected twice", label, name);
      newLabel[label] = i;
      newNames.add(classNames.get(label));
    }
    int[] positions =
        IntStream.range(0, size()).filter(i -> newLabel[images.label(i)] >= 0).toArray();
    List<String> newCategories =
        superCategories.isEmpty()
            ? List.of()
            : Arrays.stream(classes).mapToObj(superCategories::get).toList();
    return new Dataset(
        newName,
        newNames,
        newCategories,
        taxonomy.map(whole -> whole.select(classes)),
        ImageList.select(images, positions, newLabel));
  }

  /**
   * This data set without the classes that have no image, which a validation part may have, and of
   * which there can be no features. Classes keep their order, and labels count from 0 again.
   *
   * @return this data set if each class has an image, else the part of the others
   * @throws IllegalArgumentException if there is no image at all
   */
  public Dataset withoutEmptyClasses() {
    int[] filled =
        IntStream.range(0, classCount()).filter(label -> imageCounts[label] > 0).toArray();
    if (filled.length == 0) {
      throw new IllegalArgumentException("data set " + name + " has no image in any class");
    }
    return filled.length == classCount() ? this : selectClasses(name, filled);
  }

  /**
   * Requires an image of each class, as class means need it; a validation part may lack some.
   *
   * @throws IllegalArgumentException naming up to ten classes that have none
   */
  public void requireImagesInEachClass() {
    List<String> empty =
        IntStream.range(0, classCount())
            .filter(label -> imageCounts[label] == 0)
            .mapToObj(classNames::get)
            .toList();
    if (!empty.isEmpty()) {
      throw new IllegalArgumentException(
          this
              + " has no image of "
              + (empty.size() > 10 ? empty.size() + " classes, such as " : "")
              + empty.subList(0, Math.min(10, empty.size()))
              + ": leave them out with Dataset.withoutEmptyClasses");
    }
  }

  /**
   * Some of the images, with all classes, such as a validation part that is held back. The part is
   * a view: 4 bytes an image, no path is copied.
   *
   * @param newName what to call the part
   * @param positions the images to keep, in the order to keep them in; one may come twice
   * @return the part, with as many images as there are positions
   * @throws IndexOutOfBoundsException if a position is not one of this data set
   */
  public Dataset selectImages(String newName, int[] positions) {
    for (int position : positions) {
      Objects.checkIndex(position, size());
    }
    int[] sameLabels = IntStream.range(0, classCount()).toArray();
    return new Dataset(
        newName,
        classNames,
        superCategories,
        taxonomy,
        ImageList.select(images, positions.clone(), sameLabels));
  }

  /**
   * The same data set under another name.
   *
   * @param newName what to call it
   * @return a view with the same classes and images
   */
  public Dataset named(String newName) {
    return new Dataset(newName, classNames, superCategories, taxonomy, images);
  }

  /**
   * The path of one image.
   *
   * @param index from 0 to {@link #size()} less 1
   * @return its path
   */
  public Path path(int index) {
    return images.path(index);
  }

  /**
   * Returns a hash of the class names and of each image's file name, label and content, in the
   * order of the data set. Neither the folders that the files lie in nor the name of the data set
   * count, so a data set may be moved and renamed.
   *
   * <p>Of a file longer than 48 KiB, the length and 16 KiB each at its start, middle and end are
   * read: other photos, and the same ones encoded again, never agree in all of them. A change that
   * keeps the length and these three parts goes unseen, such as a bit that a disk lost between
   * them. A file that cannot be read is hashed as unreadable. Takes about 0.1 ms of CPU time for
   * each image, shared among all CPUs.
   *
   * @return a SHA-256 in hexadecimal
   */
  public String contentHash() {
    return ImageContents.hash(this);
  }

  /** The name and the size, such as {@code flowers (364 images of 20 classes)}. */
  @Override
  public String toString() {
    return name + " (" + size() + " images of " + classCount() + " classes)";
  }
}
