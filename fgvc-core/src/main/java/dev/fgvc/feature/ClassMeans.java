package dev.fgvc.feature;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Strings.lenientFormat;

import dev.fgvc.file.BinaryReader;
import dev.fgvc.file.BinaryWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.ejml.data.FMatrixRMaj;

/**
 * Gathers the class means of a stream of image features: one pass over any number of images, with
 * exact sums.
 *
 * <p>As nothing is rounded before a mean is taken, the same images give the same bits in any order,
 * in any batches, and {@linkplain #merge merged} from any parts, such as those that several
 * machines have gone through.
 *
 * <p>Memory is 8 bytes for each class and dimension, or 16 where sums take more than the 53 bits of
 * a double, and more only for values that differ in size by more than 20 decimal digits. Images are
 * not kept. Classes appear as their labels do. Not safe for use by several threads at once.
 *
 * <pre>{@code
 * ClassMeans means = ClassMeans.ofDimension(2048);
 * while (batches.hasNext()) {
 *   try (Batch batch = batches.next()) {
 *     means.add(network.features(ImageBatch.of(batch)), batch.labels());
 *   }
 * }
 * DomainFeatures birds = means.toDomain("CUB200");
 * }</pre>
 */
public final class ClassMeans {

  /** A million classes: far beyond any data set, near enough to catch a label that is no label. */
  static final int MAX_CLASSES = 1_000_000;

  /** Stands for a class without images. */
  private static final ExactSums EMPTY = new ExactSums(0);

  private static final String KIND = "class means";
  private static final int VERSION = 1;

  private final int dimension;
  private final List<ExactSums> sums = new ArrayList<>();
  private long[] counts = new long[16];
  private int classesWithImages;

  private ClassMeans(int dimension) {
    this.dimension = dimension;
  }

  /**
   * An empty collection of classes.
   *
   * @param dimension length of each feature vector, at least 1
   * @return a collector without images
   * @throws IllegalArgumentException if the dimension is less than 1
   */
  public static ClassMeans ofDimension(int dimension) {
    if (dimension < 1) {
      throw new IllegalArgumentException("dimension " + dimension + ": must be at least 1");
    }
    return new ClassMeans(dimension);
  }

  /**
   * Adds a batch of images.
   *
   * @param features one image a row, images x dimension, finite
   * @param labels the class of each row, from 0 to 999,999
   * @return this collector
   * @throws IllegalArgumentException if shapes disagree, a label is out of range, a value is NaN or
   *     infinite, or the sums would be more than the heap can hold; the collector is then unchanged
   */
  public ClassMeans add(FMatrixRMaj features, int[] labels) {
    return add(features, labels, 0);
  }

  /**
   * The same, for a batch that is a part of more images.
   *
   * @param first the number of its first image, for messages
   */
  ClassMeans add(FMatrixRMaj features, int[] labels, int first) {
    checkArgument(
        features.numCols == dimension,
        "features are %sx%s, but the dimension here is %s",
        features.numRows,
        features.numCols,
        dimension);
    if (labels.length != features.numRows) {
      throw new IllegalArgumentException(
          labels.length + " labels for " + features.numRows + " rows of features");
    }
    for (int row = 0; row < labels.length; row++) {
      checkLabel(labels[row], first + row);
      for (int k = 0; k < dimension; k++) {
        float value = features.data[row * dimension + k];
        if (!Float.isFinite(value)) {
          throw new IllegalArgumentException(
              lenientFormat(
                  "feature %s of image %s (label %s) is %s", k, first + row, labels[row], value));
        }
      }
    }
    requireRoom(Arrays.stream(labels));
    for (int row = 0; row < labels.length; row++) {
      sumOf(labels[row]).add(features.data, row * dimension);
      counts[labels[row]]++;
    }
    return this;
  }

  /**
   * Adds the images of another collector, as if they had been added here.
   *
   * @param other of the same dimension; stays as it is
   * @return this collector
   * @throws IllegalArgumentException if the dimensions differ, or the sums would be more than the
   *     heap can hold
   */
  public ClassMeans merge(ClassMeans other) {
    if (other.dimension != dimension) {
      throw new IllegalArgumentException(
          "cannot merge class means of dimension " + other.dimension + " into " + dimension);
    }
    requireRoom(IntStream.range(0, other.sums.size()).filter(label -> other.counts[label] > 0));
    for (int label = 0; label < other.sums.size(); label++) {
      if (other.counts[label] > 0) {
        // Read before written, as the two may be one.
        long count = other.counts[label];
        sumOf(label).add(other.sums.get(label).copy());
        counts[label] = Math.addExact(counts[label], count);
      }
    }
    return this;
  }

  private void requireRoom(IntStream labels) {
    long more = labels.distinct().filter(label -> imageCount(label) == 0).count();
    if (more > 0) {
      FeatureMemory.requireClassMeans("class means", classesWithImages + more, dimension);
    }
  }

  static void checkLabel(int label, int row) {
    if (label < 0 || label >= MAX_CLASSES) {
      throw new IllegalArgumentException(
          lenientFormat("label %s of image %s: must be from 0 to %s", label, row, MAX_CLASSES - 1));
    }
  }

  private ExactSums sumOf(int label) {
    while (sums.size() <= label) {
      // A single wild label must not take memory for all below it.
      sums.add(EMPTY);
    }
    if (label >= counts.length) {
      counts = Arrays.copyOf(counts, Math.max(label + 1, 2 * counts.length));
    }
    ExactSums sum = sums.get(label);
    if (sum == EMPTY) {
      sum = new ExactSums(dimension);
      sums.set(label, sum);
      classesWithImages++;
    }
    return sum;
  }

  /**
   * The length of each feature vector.
   *
   * @return at least 1
   */
  public int dimension() {
    return dimension;
  }

  /**
   * One more than the largest label so far.
   *
   * @return 0 without images
   */
  public int classCount() {
    return sums.size();
  }

  /**
   * The number of images of a class so far.
   *
   * @param label from 0 to 999,999
   * @return 0 for a class that none was added of
   * @throws IllegalArgumentException if the label is out of range
   */
  public long imageCount(int label) {
    requireLabel(label);
    return label < sums.size() ? counts[label] : 0;
  }

  /**
   * The sum of the features of a class so far.
   *
   * @param label from 0 to 999,999
   * @return a new array: for each dimension the double nearest to the exact sum; zeros for a class
   *     without images
   * @throws IllegalArgumentException if the label is out of range
   */
  public double[] sum(int label) {
    requireLabel(label);
    return imageCount(label) == 0 ? new double[dimension] : sums.get(label).rounded();
  }

  private static void requireLabel(int label) {
    if (label < 0 || label >= MAX_CLASSES) {
      throw new IllegalArgumentException(
          "label " + label + ": must be from 0 to " + (MAX_CLASSES - 1));
    }
  }

  /**
   * Everything that was added, to be merged elsewhere. The same images give the same bytes,
   * whatever their order.
   *
   * @return a versioned form with a checksum, of 8 bytes for each dimension of a class with images,
   *     or 16
   * @throws IllegalStateException if that is more than an array holds
   */
  public byte[] toBytes() {
    BinaryWriter writer = new BinaryWriter(KIND, VERSION);
    writer.putInt(dimension);
    writer.putInt((int) Arrays.stream(counts).filter(count -> count > 0).count());
    for (int label = 0; label < sums.size(); label++) {
      if (counts[label] > 0) {
        writer.putInt(label);
        writer.putLong(counts[label]);
        sums.get(label).writeTo(writer);
      }
    }
    return writer.toBytes();
  }

  /**
   * Reads what {@link #toBytes} has written.
   *
   * @param bytes all of it; may come from anywhere
   * @return a collector of the same images
   * @throws dev.fgvc.file.BinaryFormatException if they are damaged or no class means; no more
   *     memory is taken than the bytes account for
   */
  public static ClassMeans fromBytes(byte[] bytes) {
    BinaryReader reader = new BinaryReader(bytes, KIND, VERSION, "bytes of class means");
    int dimension = reader.integer();
    int classes = reader.count(Integer.BYTES + Long.BYTES);
    if (dimension < 1) {
      throw reader.problem("dimension " + dimension + ": must be at least 1");
    }
    ClassMeans means = new ClassMeans(dimension);
    for (int i = 0; i < classes; i++) {
      int label = reader.integer();
      long count = reader.longInteger();
      if (label < means.classCount() || label >= MAX_CLASSES || count < 1) {
        throw reader.problem(count + " images of label " + label);
      }
      ExactSums sum = ExactSums.read(reader, dimension);
      means.sumOf(label);
      means.sums.set(label, sum);
      means.counts[label] = count;
    }
    reader.requireEnd();
    return means;
  }

  /**
   * The number of images added so far.
   *
   * @return at least 0
   */
  public long imageCount() {
    return Arrays.stream(counts).sum();
  }

  /**
   * The domain of all images so far. The labels that occur become its classes in ascending order,
   * as {@link DomainFeatures#fromNpy} takes them from files: labels 1, 2 and 7 give the classes 0,
   * 1 and 2, named {@code "1"}, {@code "2"} and {@code "7"}. Where every class must have images,
   * give the names of all: {@link #toDomain(String, List)}.
   *
   * @param name what the domain is called
   * @return means and counts of the classes that have images
   * @throws IllegalStateException if no image was added
   */
  public DomainFeatures toDomain(String name) {
    int[] labels = IntStream.range(0, sums.size()).filter(label -> counts[label] > 0).toArray();
    return toDomain(name, Arrays.stream(labels).mapToObj(Integer::toString).toList(), labels);
  }

  /**
   * The domain of all images so far.
   *
   * @param name what the domain is called
   * @param classNames a name for each label from 0 on
   * @return means and counts
   * @throws IllegalArgumentException if there are fewer names than labels
   * @throws IllegalStateException if no image was added, or a named class has none
   */
  public DomainFeatures toDomain(String name, List<String> classNames) {
    requireImages(name);
    if (classNames.size() < sums.size()) {
      throw new IllegalArgumentException(
          classNames.size() + " class names, but labels go up to " + (sums.size() - 1));
    }
    for (int c = 0; c < classNames.size(); c++) {
      if (c >= sums.size() || counts[c] == 0) {
        throw new IllegalStateException(
            DomainFeatures.classOf(name, c, classNames) + " has no images");
      }
    }
    // Only now that no class is empty: one wild label must not ask for classes x dimension.
    return toDomain(name, classNames, IntStream.range(0, classNames.size()).toArray());
  }

  private void requireImages(String name) {
    if (sums.isEmpty()) {
      throw new IllegalStateException("domain " + name + " has no images");
    }
  }

  /** One class for each of the labels, all of which have images. */
  private DomainFeatures toDomain(String name, List<String> classNames, int[] labels) {
    requireImages(name);
    FMatrixRMaj means = new FMatrixRMaj(labels.length, dimension);
    double[] imageCounts = new double[labels.length];
    for (int c = 0; c < labels.length; c++) {
      imageCounts[c] = counts[labels[c]];
      double[] sum = sums.get(labels[c]).rounded();
      for (int k = 0; k < dimension; k++) {
        means.data[c * dimension + k] = (float) (sum[k] / imageCounts[c]);
      }
    }
    return DomainFeatures.of(name, classNames, means, imageCounts);
  }
}
