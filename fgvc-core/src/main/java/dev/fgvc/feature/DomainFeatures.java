package dev.fgvc.feature;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Strings.lenientFormat;

import dev.fgvc.file.BinaryReader;
import dev.fgvc.file.BinaryWriter;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.ejml.data.FMatrixRMaj;

/**
 * A domain as the paper sees it: for each class the mean of its images' features, and how many
 * images it has (section 4.1 of Cui et al., CVPR 2018: {@code {(s_i, w_i)}}).
 *
 * <p>Immutable: matrices and arrays are copied on the way in and out. Memory is 4 bytes for each
 * class and dimension. Two domains are equal only if they are the same object.
 */
public final class DomainFeatures {

  private static final String KIND = "domain";
  private static final int VERSION = 1;

  private final String name;
  private final List<String> classNames;
  private final FMatrixRMaj classMeans;
  private final double[] imageCounts;

  private DomainFeatures(
      String name, List<String> classNames, FMatrixRMaj classMeans, double[] imageCounts) {
    this.name = name;
    this.classNames = classNames;
    this.classMeans = classMeans;
    this.imageCounts = imageCounts;
  }

  /**
   * A domain of given class means.
   *
   * @param name what the domain is called
   * @param classNames one name for each class; names may repeat
   * @param classMeans classes x dimension, finite
   * @param imageCounts images of each class, or any weights in proportion to them: positive, finite
   * @return the domain
   * @throws IllegalArgumentException if there is no class or no dimension, sizes disagree, a mean
   *     is NaN or infinite, or a count is not positive and finite
   */
  public static DomainFeatures of(
      String name, List<String> classNames, FMatrixRMaj classMeans, double[] imageCounts) {
    int classes = classMeans.numRows;
    checkArgument(
        classes != 0 && classMeans.numCols != 0,
        "domain %s: class means are %sx%s",
        name,
        classes,
        classMeans.numCols);
    checkArgument(
        classNames.size() == classes && imageCounts.length == classes,
        "domain %s: %s rows of means, %s class names, %s image counts; the three must be equal",
        name,
        classes,
        classNames.size(),
        imageCounts.length);
    double total = 0;
    for (int c = 0; c < classes; c++) {
      if (!(imageCounts[c] > 0) || Double.isInfinite(imageCounts[c])) {
        throw new IllegalArgumentException(
            lenientFormat(
                "%s has image count %s; counts must be positive and finite (leave empty classes"
                    + " out)",
                classOf(name, c, classNames), imageCounts[c]));
      }
      total += imageCounts[c];
      for (int k = 0; k < classMeans.numCols; k++) {
        float value = classMeans.data[c * classMeans.numCols + k];
        if (!Float.isFinite(value)) {
          throw new IllegalArgumentException(
              lenientFormat("%s: feature %s is %s", classOf(name, c, classNames), k, value));
        }
      }
    }
    requireFinite(total, name);
    return new DomainFeatures(
        name, List.copyOf(classNames), classMeans.copy(), imageCounts.clone());
  }

  private static void requireFinite(double total, String name) {
    if (Double.isInfinite(total)) {
      throw new IllegalArgumentException("domain " + name + ": the sum of image counts overflows");
    }
  }

  /** A class as messages name it. */
  static String classOf(String domain, int index, List<String> classNames) {
    return lenientFormat("class %s (%s) of domain %s", index, classNames.get(index), domain);
  }

  /**
   * The class means of images in memory. The labels that occur become the classes in ascending
   * order, as {@link #fromNpy} takes them from files: labels 1, 2 and 7 give the classes 0, 1 and
   * 2, and {@link #classNames()} tells the label of each. For images that do not fit, see {@link
   * ClassMeans}.
   *
   * @param name what the domain is called
   * @param imageFeatures one image a row, images x dimension, finite
   * @param labels the class of each row, from 0 to 999,999
   * @return the domain
   * @throws IllegalArgumentException if shapes disagree, there is no image, a label is out of
   *     range, or a value is NaN or infinite
   */
  public static DomainFeatures fromImages(String name, FMatrixRMaj imageFeatures, int[] labels) {
    if (imageFeatures.numRows == 0) {
      throw new IllegalArgumentException("domain " + name + " has no images");
    }
    return ClassMeans.ofDimension(imageFeatures.numCols).add(imageFeatures, labels).toDomain(name);
  }

  /**
   * Reads class means and image counts from NumPy files, as the authors publish them ({@code
   * NAME.npy} and {@code NAME_weight.npy}): floating-point numbers of 16 to 64 bits, bfloat16,
   * whole numbers of 8 to 64 bits or booleans, in C or Fortran order. Classes are named by their
   * row.
   *
   * @param name what the domain is called
   * @param means classes x dimension; further axes of length 1 are passed over
   * @param weights image counts, a vector of one value for each class
   * @return the domain
   * @throws IOException if a file cannot be read
   * @throws FeatureFileException if a file is damaged or of another type or shape, the two
   *     disagree, a mean is not finite as a float, or a count is not positive and finite; sizes are
   *     checked before memory is taken
   * @throws IllegalArgumentException if the heap cannot hold the class means; the message has their
   *     size
   */
  public static DomainFeatures readNpy(String name, Path means, Path weights) throws IOException {
    return NpyDomains.readMeans(name, NpyFile.open(means), NpyFile.open(weights));
  }

  /**
   * Reads image features and labels from NumPy files ({@code NAME_feature.npy} and {@code
   * NAME_label.npy}) and takes class means, in one pass that keeps no image.
   *
   * <p>The labels that occur become the classes in ascending order, as in the authors' notebook:
   * labels 1, 2 and 7 give the classes 0, 1 and 2. {@link #classNames()} tells the label of each.
   *
   * @param name what the domain is called
   * @param features images x dimension, of the types that {@link #readNpy} reads, in C or Fortran
   *     order; further axes of length 1 are passed over
   * @param labels the class of each image: whole numbers from 0 to 2^53 - 1 of any integer or
   *     floating type, booleans, or texts
   * @return the domain
   * @throws IOException if a file cannot be read
   * @throws FeatureFileException if a file is damaged or of another type or shape, the two
   *     disagree, a label is no such number, or a value is NaN or infinite
   * @throws IllegalArgumentException if the heap cannot hold the class means; the message has their
   *     size
   */
  public static DomainFeatures fromNpy(String name, Path features, Path labels) throws IOException {
    return NpyDomains.averageImages(name, NpyFile.open(features), NpyFile.open(labels));
  }

  /**
   * Reads image features and labels from one NumPy archive, as {@code numpy.savez} and {@code
   * numpy.savez_compressed} write it, and takes class means as {@link #fromNpy} does.
   *
   * @param name what the domain is called
   * @param archive an {@code .npz} file
   * @param features the name of the array of features in it
   * @param labels the name of the array of labels in it
   * @return the domain
   * @throws IOException if the file cannot be read
   * @throws FeatureFileException if the archive is damaged or lacks an array, or as {@link
   *     #fromNpy}
   */
  public static DomainFeatures fromNpz(String name, Path archive, String features, String labels)
      throws IOException {
    try (NpzArchive arrays = NpzArchive.open(archive)) {
      return NpyDomains.averageImages(name, arrays.array(features), arrays.array(labels));
    }
  }

  /**
   * Reads class means and image counts from one NumPy archive, as {@link #readNpy} does from two
   * files.
   *
   * @param name what the domain is called
   * @param archive an {@code .npz} file
   * @param means the name of the array of class means in it
   * @param weights the name of the array of image counts in it
   * @return the domain
   * @throws IOException if the file cannot be read
   * @throws FeatureFileException if the archive is damaged or lacks an array, or as {@link
   *     #readNpy}
   */
  public static DomainFeatures readNpz(String name, Path archive, String means, String weights)
      throws IOException {
    try (NpzArchive arrays = NpzArchive.open(archive)) {
      return NpyDomains.readMeans(name, arrays.array(means), arrays.array(weights));
    }
  }

  /**
   * Everything that makes this domain, for another machine. Equal contents give equal bytes. In
   * files domains are kept by {@link #writeNpz}.
   *
   * @return a versioned form with a checksum, of 4 bytes for each class and dimension
   * @throws IllegalStateException if that is more than an array holds
   */
  public byte[] toBytes() {
    BinaryWriter writer = new BinaryWriter(KIND, VERSION);
    writer.putText(name);
    writer.putInt(classCount());
    writer.putInt(dimension());
    classNames.forEach(writer::putText);
    writer.putDoubles(imageCounts);
    writer.putFloats(FloatBuffer.wrap(classMeans.data, 0, classMeans.getNumElements()));
    return writer.toBytes();
  }

  /**
   * Reads what {@link #toBytes} has written.
   *
   * @param bytes all of it; may come from anywhere
   * @return a domain of the same name, names, means and counts, bit by bit
   * @throws dev.fgvc.file.BinaryFormatException if they are damaged or no domain; no more memory is
   *     taken than the bytes account for
   */
  public static DomainFeatures fromBytes(byte[] bytes) {
    BinaryReader reader = new BinaryReader(bytes, KIND, VERSION, "bytes of a domain");
    String name = reader.text();
    int classes = reader.count(Integer.BYTES + Double.BYTES);
    int dimension = reader.count(Math.max(1, classes) * Float.BYTES);
    List<String> classNames = new ArrayList<>();
    for (int c = 0; c < classes; c++) {
      classNames.add(reader.text());
    }
    double[] imageCounts = reader.doubles(classes);
    FMatrixRMaj means =
        FMatrixRMaj.wrap(classes, dimension, reader.floats((long) classes * dimension));
    reader.requireEnd();
    try {
      return of(name, classNames, means, imageCounts);
    } catch (IllegalArgumentException e) {
      throw reader.problem(e.getMessage());
    }
  }

  /**
   * Reads a domain that {@link #writeNpz} has written, with its name and those of its classes.
   *
   * @param file an {@code .npz} file
   * @return the domain
   * @throws IOException if the file cannot be read
   * @throws FeatureFileException if the file is damaged, of a newer version or no kept domain;
   *     sizes are checked before memory is taken, and every array's checksum after it was read
   */
  public static DomainFeatures readNpz(Path file) throws IOException {
    return DomainArchive.read(file);
  }

  /**
   * Writes this domain for NumPy and for {@link #readNpz(Path)}, whole or not at all: an archive of
   * {@code class_means} (float32, classes x dimension), {@code image_counts} (float64), {@code
   * class_names} and {@code name} (texts) and {@code format} (the version, 1). The same domain
   * gives the same bytes.
   *
   * @param file to be written or replaced, usually an {@code .npz} file
   * @throws IOException if it cannot be written; what stood there before is untouched
   * @throws IllegalArgumentException if a name is longer than 1024 characters or ends with a zero
   *     character, which NumPy's texts do not hold
   */
  public void writeNpz(Path file) throws IOException {
    DomainArchive.write(this, file);
  }

  /** The same means and counts, shared, under other names: as many as there are classes. */
  DomainFeatures renamed(String name, List<String> classNames) {
    return new DomainFeatures(name, List.copyOf(classNames), classMeans, imageCounts);
  }

  /**
   * This domain without its small classes. The authors keep source classes of at least 200 images.
   *
   * @param n the smallest image count to keep
   * @return the classes with at least n images, in their order
   * @throws IllegalArgumentException if no class has that many
   */
  public DomainFeatures withMinImages(int n) {
    int[] kept = IntStream.range(0, classCount()).filter(c -> imageCounts[c] >= n).toArray();
    if (kept.length == 0) {
      throw new IllegalArgumentException(
          lenientFormat(
              "domain %s has no class of %s images; its largest has %s",
              name, n, Arrays.stream(imageCounts).max().orElse(0)));
    }
    return select(name, kept);
  }

  /**
   * The classes of this domain followed by those of another, such as ImageNet + iNat.
   *
   * @param name what the combined domain is called
   * @param other a domain of the same dimension
   * @return a domain of the classes of both; image counts are kept as they are
   * @throws IllegalArgumentException if the dimensions differ or the sum of image counts overflows
   */
  public DomainFeatures concat(String name, DomainFeatures other) {
    checkArgument(
        other.dimension() == dimension(),
        "cannot join %s of dimension %s and %s of dimension %s",
        this.name,
        dimension(),
        other.name,
        other.dimension());
    List<String> names = new ArrayList<>(classNames);
    names.addAll(other.classNames);
    FMatrixRMaj means = new FMatrixRMaj(names.size(), dimension());
    int split = classMeans.getNumElements();
    System.arraycopy(classMeans.data, 0, means.data, 0, split);
    System.arraycopy(
        other.classMeans.data, 0, means.data, split, other.classMeans.getNumElements());
    double[] counts = Arrays.copyOf(imageCounts, names.size());
    System.arraycopy(other.imageCounts, 0, counts, classCount(), other.classCount());
    requireFinite(Arrays.stream(counts).sum(), name);
    return new DomainFeatures(name, List.copyOf(names), means, counts);
  }

  /**
   * Some classes of this domain, such as a selected source.
   *
   * @param name what the new domain is called
   * @param classes class indices, each at most once, in the order wanted
   * @return the domain of those classes
   * @throws IllegalArgumentException if there is none, or an index is out of range or repeated
   */
  public DomainFeatures select(String name, int[] classes) {
    if (classes.length == 0) {
      throw new IllegalArgumentException("no class of " + this.name + " selected for " + name);
    }
    BitSet seen = new BitSet();
    List<String> names = new ArrayList<>();
    FMatrixRMaj means = new FMatrixRMaj(classes.length, dimension());
    double[] counts = new double[classes.length];
    for (int i = 0; i < classes.length; i++) {
      int c = classes[i];
      if (c < 0 || c >= classCount() || seen.get(c)) {
        throw new IllegalArgumentException(
            lenientFormat(
                "class index %s at position %s: indices must be different and from 0 to %s",
                c, i, classCount() - 1));
      }
      seen.set(c);
      names.add(classNames.get(c));
      counts[i] = imageCounts[c];
      System.arraycopy(classMeans.data, c * dimension(), means.data, i * dimension(), dimension());
    }
    return new DomainFeatures(name, List.copyOf(names), means, counts);
  }

  /**
   * Returns the name of the domain.
   *
   * @return the name given at creation
   */
  public String name() {
    return name;
  }

  /**
   * The number of classes.
   *
   * @return at least 1
   */
  public int classCount() {
    return classMeans.numRows;
  }

  /**
   * The length of each feature vector.
   *
   * @return at least 1
   */
  public int dimension() {
    return classMeans.numCols;
  }

  /**
   * The mean feature of each class.
   *
   * @return a copy, classes x dimension
   */
  public FMatrixRMaj classMeans() {
    return classMeans.copy();
  }

  /**
   * The share of each class among the domain's images: {@code n_i / N}.
   *
   * @return a new array of positive values that sum to 1
   */
  public double[] weights() {
    double total = Arrays.stream(imageCounts).sum();
    return Arrays.stream(imageCounts).map(count -> count / total).toArray();
  }

  /**
   * The name of each class.
   *
   * @return an immutable list
   */
  public List<String> classNames() {
    return classNames;
  }

  /**
   * The number of images of each class, or what was given in their place.
   *
   * @return a new array of positive values
   */
  public double[] imageCounts() {
    return imageCounts.clone();
  }

  /** Name, classes and dimension. */
  @Override
  public String toString() {
    return name + " (" + classCount() + " classes, dimension " + dimension() + ")";
  }
}
