package dev.fgvc.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Class names and the images that belong to them, in a fixed order. Immutable; the images stay
 * files, so a data set of a million images takes about 100 MB, most of it paths.
 *
 * <p>A class may be without images here, as it happens in a validation part; the readers refuse
 * that for a training part.
 */
public final class Dataset {

  private final String name;
  private final List<String> classNames;
  private final List<LabeledImage> images;
  private final int[] imageCounts;

  private Dataset(String name, List<String> classNames, List<LabeledImage> images) {
    this.name = Objects.requireNonNull(name, "name");
    this.classNames = List.copyOf(classNames);
    this.images = List.copyOf(images);
    if (this.classNames.isEmpty()) {
      throw new IllegalArgumentException("data set " + name + " has no classes");
    }
    this.imageCounts = new int[this.classNames.size()];
    for (LabeledImage image : this.images) {
      if (image.label() >= imageCounts.length) {
        throw new IllegalArgumentException(
            "data set %s: label %d of %s, where there are %d classes (labels 0 to %d)"
                .formatted(
                    name, image.label(), image.path(), imageCounts.length, imageCounts.length - 1));
      }
      imageCounts[image.label()]++;
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
    return new Dataset(name, classNames, images);
  }

  /**
   * Several data sets as one domain, such as ImageNet and iNaturalist together (section 5.3). The
   * classes of one follow those of the other and are called {@code dataset/class}.
   *
   * @param name what to call the result
   * @param parts the data sets, at least one
   * @return the domain, with all their classes and images
   * @throws IllegalArgumentException if there is no part
   */
  public static Dataset concat(String name, List<Dataset> parts) {
    List<String> classNames = new ArrayList<>();
    List<LabeledImage> images = new ArrayList<>();
    for (Dataset part : parts) {
      int firstLabel = classNames.size();
      part.classNames.forEach(each -> classNames.add(part.name + "/" + each));
      part.images.forEach(
          image -> images.add(new LabeledImage(image.path(), firstLabel + image.label())));
    }
    return new Dataset(name, classNames, images);
  }

  /**
   * What this data set is called.
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
    for (int i = 0; i < labels.length; i++) {
      labels[i] = images.get(i).label();
    }
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
   * section 4.2. The files stay where they are; images keep their order, and class {@code
   * classes[i]} gets label i.
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
      if (label < 0 || label >= newLabel.length) {
        throw new IllegalArgumentException(
            "class " + label + " of " + name + ", which has classes 0 to " + (classCount() - 1));
      }
      if (newLabel[label] >= 0) {
        throw new IllegalArgumentException("class " + label + " of " + name + " is selected twice");
      }
      newLabel[label] = i;
      newNames.add(classNames.get(label));
    }
    List<LabeledImage> kept = new ArrayList<>();
    for (LabeledImage image : images) {
      if (newLabel[image.label()] >= 0) {
        kept.add(new LabeledImage(image.path(), newLabel[image.label()]));
      }
    }
    return new Dataset(newName, newNames, kept);
  }

  /**
   * The path of one image.
   *
   * @param index from 0 to {@link #size()} less 1
   * @return its path
   */
  public Path path(int index) {
    return images.get(index).path();
  }

  /** The name and the size, such as {@code flowers (364 images of 20 classes)}. */
  @Override
  public String toString() {
    return name + " (" + size() + " images of " + classCount() + " classes)";
  }
}
