package dev.fgvc.feature;

import static com.google.common.base.Preconditions.checkArgument;

import dev.fgvc.progress.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.ejml.data.FMatrixRMaj;

/**
 * A domain image by image: the feature vector of each, in memory or in files, and its class. {@link
 * DomainFeatures} is the same domain by its class means, which is what the paper compares.
 *
 * <p>Immutable as long as its features are. Memory is 4 bytes for each image, beside the features.
 *
 * <pre>{@code
 * LabeledFeatures birds = LabeledFeatures.mapNpy("birds", Path.of("f.npy"), Path.of("l.npy"));
 * }</pre>
 */
public final class LabeledFeatures {

  /** Images that are copied at once: 8 MB of 2048 features. */
  private static final int BLOCK = 1024;

  private final String name;
  private final FeatureRows features;
  private final int[] classOf;
  private final List<String> classNames;

  private LabeledFeatures(
      String name, FeatureRows features, int[] classOf, List<String> classNames) {
    if (features.count() == 0) {
      throw new IllegalArgumentException("domain " + name + " has no images");
    }
    checkArgument(
        classOf.length == features.count(),
        "domain %s: %s labels for %s rows of features",
        name,
        classOf.length,
        features.count());
    this.name = name;
    this.features = features;
    this.classOf = classOf;
    this.classNames = classNames;
  }

  /**
   * A domain of features and labels. The labels that occur become the classes in ascending order,
   * each named by its label.
   *
   * @param name what the domain is called
   * @param features one image a row; not copied
   * @param labels the class of each row, from 0 to 999,999
   * @return the domain
   * @throws IllegalArgumentException if there is no image, the numbers disagree, or a label is out
   *     of range
   */
  public static LabeledFeatures of(String name, FeatureRows features, int[] labels) {
    for (int image = 0; image < labels.length; image++) {
      ClassMeans.checkLabel(labels[image], image);
    }
    int[] distinct = Arrays.stream(labels).distinct().sorted().toArray();
    int[] classOf =
        Arrays.stream(labels).map(label -> Arrays.binarySearch(distinct, label)).toArray();
    return new LabeledFeatures(
        name, features, classOf, Arrays.stream(distinct).mapToObj(Integer::toString).toList());
  }

  /**
   * A domain in NumPy files. Features stay in theirs, which is mapped into memory.
   *
   * @param name what the domain is called
   * @param features images x dimension, as {@link MappedFeatures} reads them
   * @param labels the class of each image, as {@link DomainFeatures#fromNpy} reads them
   * @return the domain
   * @throws IOException if a file cannot be read
   * @throws FeatureFileException if a file is damaged, of another type or shape, or the two
   *     disagree
   */
  public static LabeledFeatures mapNpy(String name, Path features, Path labels) throws IOException {
    MappedFeatures mapped = MappedFeatures.open(features);
    NpyFile file = NpyFile.open(labels);
    NpyLabels classes = NpyLabels.read(file);
    if (classes.classOf().length != mapped.count()) {
      throw file.error(
          classes.classOf().length + " labels for " + mapped.count() + " rows in " + features);
    }
    return new LabeledFeatures(name, mapped, classes.classOf(), classes.names());
  }

  /**
   * A domain in shards, which are mapped into memory.
   *
   * @param name what the domain is called
   * @param shards with at least one image
   * @return the domain
   * @throws IOException if a shard cannot be read
   * @throws FeatureFileException if a shard is damaged
   * @throws IllegalArgumentException if there is no image, or a label is out of range
   */
  public static LabeledFeatures mapShards(String name, FeatureShards shards) throws IOException {
    return of(name, shards.mapped(), shards.labels());
  }

  /**
   * The name of the domain.
   *
   * @return the name
   */
  public String name() {
    return name;
  }

  /**
   * The features.
   *
   * @return one image a row
   */
  public FeatureRows features() {
    return features;
  }

  /**
   * The number of images.
   *
   * @return at least 1
   */
  public int imageCount() {
    return classOf.length;
  }

  /**
   * The class of an image.
   *
   * @param image from 0 to {@code imageCount() - 1}
   * @return an index into {@link #classNames} and the classes of {@link #classMeans}
   */
  public int classOf(int image) {
    return classOf[image];
  }

  /**
   * The names of all classes, each of which has an image.
   *
   * @return at least one
   */
  public List<String> classNames() {
    return classNames;
  }

  /**
   * The domain by its class means, in one pass over the features.
   *
   * @param progress hears how many images have been added
   * @return means and counts of all classes
   * @throws IllegalArgumentException if a feature is NaN or infinite
   */
  public DomainFeatures classMeans(Progress progress) {
    int dimension = features.dimension();
    ClassMeans means = ClassMeans.ofDimension(dimension);
    for (int start = 0; start < classOf.length; start += BLOCK) {
      int end = Math.min(classOf.length, start + BLOCK);
      FMatrixRMaj block = new FMatrixRMaj(end - start, dimension);
      for (int image = start; image < end; image++) {
        features.copyRow(image, block.data, (image - start) * dimension);
      }
      means.add(block, Arrays.copyOfRange(classOf, start, end), start);
      progress.report("class means of " + name, end, classOf.length, "");
    }
    return means.toDomain(name, classNames);
  }

  /**
   * The domain by its class means, in one pass over the features.
   *
   * @return means and counts of all classes
   * @throws IllegalArgumentException if a feature is NaN or infinite
   */
  public DomainFeatures classMeans() {
    return classMeans(Progress.none());
  }

  /** Name, images, classes and dimension. */
  @Override
  public String toString() {
    return name
        + ", "
        + imageCount()
        + " images of "
        + classNames.size()
        + " classes, dimension "
        + features.dimension();
  }
}
