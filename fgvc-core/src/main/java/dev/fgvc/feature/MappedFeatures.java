package dev.fgvc.feature;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Image features that stay in their {@code .npy} files, which are mapped into memory: the Java heap
 * holds none of them, and the operating system keeps in memory what is in use. So they may take
 * more room than the heap, or than the machine has.
 *
 * <p>Files hold float32 in little-endian byte order, row by row (C order), as {@code
 * numpy.save(file, features.astype("float32"))} and {@link FeatureShards} write them. Headers are
 * compared with sizes before anything is mapped. A file must not be written while it is mapped, and
 * if it becomes shorter, the virtual machine throws an {@link InternalError} in the thread that
 * reads it. Java unmaps files some time after this object has become unreachable.
 */
public final class MappedFeatures implements FeatureRows {

  private final int dimension;
  private final List<Path> paths;

  /** Stretches of the files that one buffer maps, in order. */
  private final FloatBuffer[] stretches;

  /** The first row of each stretch, and at last the number of all rows. */
  private final int[] starts;

  private MappedFeatures(int dimension, List<Path> paths, FloatBuffer[] stretches, int[] starts) {
    this.dimension = dimension;
    this.paths = paths;
    this.stretches = stretches;
    this.starts = starts;
  }

  /**
   * Maps one file.
   *
   * @param file images x dimension
   * @return its rows
   * @throws IOException if the file cannot be read
   * @throws FeatureFileException if it is damaged, has no value, or holds another type or order
   */
  public static MappedFeatures open(Path file) throws IOException {
    return open(List.of(file));
  }

  /**
   * Maps several files, whose rows follow each other.
   *
   * @param files at least one, all of the same dimension
   * @return the rows of all
   * @throws IOException if a file cannot be read
   * @throws FeatureFileException if a file is damaged, has no value, or holds another type, order
   *     or dimension
   * @throws IllegalArgumentException if there is no file
   */
  public static MappedFeatures open(List<Path> files) throws IOException {
    if (files.isEmpty()) {
      throw new IllegalArgumentException("no file of features");
    }
    int dimension = 0;
    long count = 0;
    List<FloatBuffer> stretches = new ArrayList<>();
    List<Integer> starts = new ArrayList<>();
    for (int k = 0; k < files.size(); k++) {
      NpyFile file = NpyFile.open(files.get(k));
      List<FloatBuffer> mapped = file.mapFloats();
      if (k > 0 && file.columns() != dimension) {
        throw file.error(
            String.format(
                Locale.ROOT,
                "dimension %d, but %s has %d",
                file.columns(),
                files.get(0),
                dimension));
      }
      dimension = file.columns();
      for (FloatBuffer stretch : mapped) {
        stretches.add(stretch);
        starts.add((int) count);
        count += stretch.limit() / dimension;
      }
      if (count > Integer.MAX_VALUE - 8) {
        throw file.error("more than 2^31 images in all");
      }
    }
    starts.add((int) count);
    return new MappedFeatures(
        dimension,
        List.copyOf(files),
        stretches.toArray(FloatBuffer[]::new),
        starts.stream().mapToInt(start -> start).toArray());
  }

  @Override
  public int count() {
    return starts[starts.length - 1];
  }

  @Override
  public int dimension() {
    return dimension;
  }

  @Override
  public void copyRow(int row, float[] into, int offset) {
    int stretch = stretchOf(row);
    stretches[stretch].get((row - starts[stretch]) * dimension, into, offset, dimension);
  }

  private int stretchOf(int row) {
    if (row < 0 || row >= count()) {
      throw new IndexOutOfBoundsException("row " + row + " of " + count());
    }
    int place = Arrays.binarySearch(starts, row);
    return place >= 0 ? place : -place - 2;
  }

  /** Files, images and dimension. */
  @Override
  public String toString() {
    return count() + " images of dimension " + dimension + " in " + paths;
  }
}
