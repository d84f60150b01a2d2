package dev.fgvc.feature;

import static com.google.common.base.Strings.lenientFormat;

import dev.fgvc.file.NpyFormat;
import dev.fgvc.file.WholeFile;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.ejml.data.FMatrixRMaj;

/**
 * The features of all images of a data set in a folder, in shards that NumPy reads: {@code
 * features-00000.npy} (float32, images x dimension) and {@code labels-00000.npy} (int32), then
 * {@code 00001} and so on. Shards are only ever added, each file whole or not at all, so what an
 * interrupted run has written stays good. {@code origin.txt} may note what the features are made
 * of.
 *
 * <p>One writer at a time may {@linkplain #append append}. Several, on as many machines, may
 * {@linkplain #put put} shards by their number into a folder that all of them see.
 */
public final class FeatureShards {

  /** Takes the images of one shard. */
  @FunctionalInterface
  public interface ShardConsumer {

    /**
     * Called once for each shard, in order.
     *
     * @param features one image a row
     * @param labels the class of each
     */
    void accept(FMatrixRMaj features, int[] labels);
  }

  private final Path folder;
  private final int dimension;
  private final List<Integer> sizes = new ArrayList<>();
  private boolean appended;

  private FeatureShards(Path folder, int dimension) {
    this.folder = folder;
    this.dimension = dimension;
  }

  /**
   * Opens a folder, makes it if it is not there, and looks at the headers of the shards in it.
   *
   * @param folder only for the shards of one data set
   * @param dimension length of each feature vector, at least 1
   * @return its shards
   * @throws IOException if the folder cannot be made or read
   * @throws FeatureFileException if a shard is damaged or of another dimension
   * @throws IllegalArgumentException if the dimension is less than 1
   */
  public static FeatureShards in(Path folder, int dimension) throws IOException {
    if (dimension < 1) {
      throw new IllegalArgumentException("dimension " + dimension + ": must be at least 1");
    }
    Files.createDirectories(folder);
    FeatureShards shards = new FeatureShards(folder, dimension);
    while (Files.exists(shards.features(shards.sizes.size()))) {
      shards.sizes.add(shards.checkedSize(shards.sizes.size()));
    }
    return shards;
  }

  /**
   * A folder that several writers share, without looking at what is in it: for shards that are put
   * and read by their number.
   *
   * @param folder exists, only for the shards of one data set
   * @param dimension length of each feature vector, at least 1
   * @return shards of which none counts as there
   */
  public static FeatureShards shared(Path folder, int dimension) {
    return new FeatureShards(folder, dimension);
  }

  private int checkedSize(int shard) throws IOException {
    NpyFile features = NpyFile.open(features(shard));
    if (features.rank() != 2 || features.columns() != dimension || features.isInteger()) {
      throw new FeatureFileException(
          features.path(),
          lenientFormat(
              "expected features of dimension %s, found %s",
              dimension, features.rank() == 2 ? features.columns() + " columns" : "a vector"));
    }
    NpyFile labels = NpyFile.open(labels(shard));
    if (labels.columns() != 1 || !labels.isInteger() || labels.rows() != features.rows()) {
      throw new FeatureFileException(
          labels.path(), "expected " + features.rows() + " integer labels, one for each feature");
    }
    return features.rows();
  }

  /**
   * Notes what the features are made of, before the first shard is added, or compares it with what
   * was noted.
   *
   * @param parts what there is of each kind, such as a hash of the images; each in one line
   * @throws IllegalArgumentException if the features in the folder are of another origin, or it was
   *     not noted; the message names the kinds
   * @throws IOException if the note cannot be read or written
   */
  public void requireOrigin(Map<String, String> parts) throws IOException {
    FeatureOrigin origin = new FeatureOrigin(folder);
    if (sizes.isEmpty()) {
      origin.write(parts);
    } else {
      origin.require(parts);
    }
  }

  /**
   * Adds a shard.
   *
   * @param features one image a row, images x dimension
   * @param labels the class of each
   * @throws IOException if it cannot be written; earlier shards are untouched
   * @throws IllegalArgumentException if shapes disagree
   */
  public void append(FMatrixRMaj features, int[] labels) throws IOException {
    requireShape(features, labels);
    int shard = sizes.size();
    if (!appended) {
      // Not when the folder is opened: another process may only read it while one writes.
      WholeFile.deletePartial(labels(shard));
      WholeFile.deletePartial(features(shard));
      appended = true;
    }
    write(shard, features, labels);
    sizes.add(features.numRows);
  }

  private void requireShape(FMatrixRMaj features, int[] labels) {
    if (features.numCols != dimension || features.numRows != labels.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d labels and features %dx%d do not make a shard of dimension %d",
              labels.length,
              features.numRows,
              features.numCols,
              dimension));
    }
  }

  private void write(int shard, FMatrixRMaj features, int[] labels) throws IOException {
    // A shard counts as there once its features are: they come last.
    WholeFile.write(labels(shard), NpyFormat.integers(labels));
    FloatBuffer values = FloatBuffer.wrap(features.data, 0, features.getNumElements());
    WholeFile.write(
        features(shard), NpyFormat.floats(values, List.of(features.numRows, dimension)));
  }

  /**
   * Writes a shard by its number, for writers that share a folder and have agreed on who writes
   * what. Two that write the same shard do no harm if they write the same images: the file is one's
   * or the other's, whole. Shards count as there up to the first that is missing, and only for
   * those who open the folder afterwards.
   *
   * @param shard at least 0
   * @param features one image a row, images x dimension
   * @param labels the class of each
   * @throws IOException if it cannot be written; other shards are untouched
   * @throws IllegalArgumentException if shapes disagree or the number is negative
   */
  public void put(int shard, FMatrixRMaj features, int[] labels) throws IOException {
    requireNumber(shard);
    requireShape(features, labels);
    write(shard, features, labels);
  }

  /**
   * Deletes what writers that were killed have left unfinished; for when nobody writes any more.
   *
   * @throws IOException if the folder cannot be read or a file not deleted
   */
  public void deletePartial() throws IOException {
    WholeFile.deleteAllPartial(folder);
  }

  /**
   * Reads a shard by its number.
   *
   * @param shard at least 0
   * @param consumer called once if the shard is there, whole
   * @return whether it is there
   * @throws IOException if it cannot be read
   * @throws FeatureFileException if it is damaged or of another dimension
   * @throws IllegalArgumentException if the number is negative
   */
  public boolean read(int shard, ShardConsumer consumer) throws IOException {
    requireNumber(shard);
    if (!Files.exists(features(shard))) {
      return false;
    }
    read(shard, checkedSize(shard), consumer);
    return true;
  }

  private static void requireNumber(int shard) {
    if (shard < 0) {
      throw new IllegalArgumentException("shard " + shard + " is negative");
    }
  }

  /**
   * The number of images in all shards.
   *
   * @return at least 0
   */
  public long imageCount() {
    return sizes.stream().mapToLong(Integer::longValue).sum();
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
   * Reads shard after shard; memory for one at a time.
   *
   * @param consumer takes each
   * @throws IOException if a shard cannot be read
   * @throws FeatureFileException if one has become shorter since it was opened
   */
  public void forEach(ShardConsumer consumer) throws IOException {
    for (int shard = 0; shard < sizes.size(); shard++) {
      read(shard, sizes.get(shard), consumer);
    }
  }

  private void read(int shard, int size, ShardConsumer consumer) throws IOException {
    FMatrixRMaj features = new FMatrixRMaj(size, dimension);
    NpyFile.open(features(shard))
        .forEach((row, column, value) -> features.set(row, column, (float) value));
    int[] labels = new int[size];
    NpyFile.open(labels(shard)).forEach((row, column, value) -> labels[row] = (int) value);
    consumer.accept(features, labels);
  }

  /**
   * All features in one matrix, for image-level transport.
   *
   * @return images x dimension
   * @throws IOException if a shard cannot be read
   * @throws IllegalStateException if they are too many for one array
   */
  public FMatrixRMaj features() throws IOException {
    if (imageCount() * dimension > Integer.MAX_VALUE - 8) {
      throw new IllegalStateException(
          imageCount() + " images of dimension " + dimension + " are too many for one array");
    }
    FMatrixRMaj all = new FMatrixRMaj((int) imageCount(), dimension);
    int[] position = {0};
    forEach(
        (features, labels) -> {
          int length = features.getNumElements();
          System.arraycopy(features.data, 0, all.data, position[0], length);
          position[0] += length;
        });
    return all;
  }

  /**
   * All features where they lie: the files of the shards are mapped into memory, and the Java heap
   * holds none of them.
   *
   * @return one image a row, in the order of the shards
   * @throws IOException if a shard cannot be read
   * @throws IllegalArgumentException if there is no shard
   */
  public MappedFeatures mapped() throws IOException {
    return MappedFeatures.open(IntStream.range(0, sizes.size()).mapToObj(this::features).toList());
  }

  /**
   * The features of the first images.
   *
   * @param count how many, at most as many as the first shard has
   * @return [count, dimension]
   * @throws IOException if the first shard cannot be read
   * @throws IllegalArgumentException if there are not as many in the first shard, or the count is
   *     less than 1
   */
  public FMatrixRMaj firstFeatures(int count) throws IOException {
    if (count < 1 || sizes.isEmpty() || count > sizes.get(0)) {
      throw new IllegalArgumentException(
          "first " + count + " images: must be from 1 to those of the first shard in " + this);
    }
    FMatrixRMaj first = new FMatrixRMaj(count, dimension);
    NpyFile.open(features(0))
        .forEach(
            (row, column, value) -> {
              if (row < count) {
                first.set(row, column, (float) value);
              }
            });
    return first;
  }

  /**
   * The labels of all images.
   *
   * @return in the order of the features
   * @throws IOException if a shard cannot be read
   */
  public int[] labels() throws IOException {
    int[] all = new int[Math.toIntExact(imageCount())];
    int position = 0;
    for (int shard = 0; shard < sizes.size(); shard++) {
      int start = position;
      NpyFile.open(labels(shard)).forEach((row, column, value) -> all[start + row] = (int) value);
      position += sizes.get(shard);
    }
    return all;
  }

  private Path features(int shard) {
    return folder.resolve(String.format(Locale.ROOT, "features-%05d.npy", shard));
  }

  private Path labels(int shard) {
    return folder.resolve(String.format(Locale.ROOT, "labels-%05d.npy", shard));
  }

  /** The folder, the number of images and the dimension. */
  @Override
  public String toString() {
    return folder + ", " + imageCount() + " images of dimension " + dimension + " in " + sizes;
  }
}
