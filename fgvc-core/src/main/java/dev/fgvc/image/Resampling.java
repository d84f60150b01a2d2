package dev.fgvc.image;

import java.util.Arrays;

/**
 * Antialiased resizing in the arithmetic of Pillow's {@code Image.resize} for 8-bit channels
 * (libImaging/Resample.c): weights with 22 fractional bits, first along rows, whose results are
 * rounded to 8 bits, then along columns. Only the part that is asked for is computed.
 *
 * <p>Work is 3 * (source rows in use * target columns + target rows * target columns) * taps;
 * memory is that of the source rows under one target row.
 */
final class Resampling {

  private static final int PRECISION_BITS = 22;
  private static final int HALF = 1 << PRECISION_BITS - 1;

  /** Level 0 to 255 as a network reads it. */
  private static final float[] UNITS = new float[256];

  static {
    for (int level = 0; level < UNITS.length; level++) {
      UNITS[level] = level / 127.5f - 1;
    }
  }

  /** A level as a network reads it. */
  static float unit(int level) {
    return UNITS[level];
  }

  /**
   * A segment of a target axis: which source samples each target sample is made of.
   *
   * @param first the first source sample of each
   * @param weights in fixed-point numbers, one for each source sample from there on
   */
  private record Axis(int[] first, int[][] weights) {

    /**
     * Weights of target samples.
     *
     * @param in source samples
     * @param out target samples that all of the source becomes
     * @param from the first target sample wanted
     * @param count how many from there
     */
    static Axis of(int in, int out, int from, int count, ResizeFilter filter) {
      double scale = (double) in / out;
      double stretch = Math.max(1, scale);
      double support = filter.radius() * stretch;
      int[] first = new int[count];
      int[][] weights = new int[count][];
      for (int i = 0; i < count; i++) {
        double center = (from + i + 0.5) * scale;
        first[i] = Math.max(0, (int) (center - support + 0.5));
        int end = Math.min(in, (int) (center + support + 0.5));
        double[] kernel = new double[end - first[i]];
        for (int k = 0; k < kernel.length; k++) {
          kernel[k] = filter.at((first[i] + k + 0.5 - center) / stretch);
        }
        double sum = Arrays.stream(kernel).sum();
        weights[i] = new int[kernel.length];
        for (int k = 0; k < kernel.length; k++) {
          double weight = (sum == 0 ? kernel[k] : kernel[k] / sum) * (1 << PRECISION_BITS);
          weights[i][k] = (int) (weight + Math.copySign(0.5, weight));
        }
      }
      return new Axis(first, weights);
    }

    int count() {
      return first.length;
    }

    int mostTaps() {
      return Arrays.stream(weights).mapToInt(taps -> taps.length).max().orElse(0);
    }
  }

  private final Pixels source;
  private final Axis columns;
  private final Axis rows;
  private final byte[] line;
  private final int[][] recent;
  private int resized;

  private Resampling(Pixels source, Axis columns, Axis rows) {
    this.source = source;
    this.columns = columns;
    this.rows = rows;
    this.line = new byte[3 * source.width()];
    this.recent = new int[rows.mostTaps()][3 * columns.count()];
    this.resized = rows.first[0];
  }

  /**
   * Resizes all of a picture and passes on a part of the result.
   *
   * @param size of the whole result
   * @param part of the result, in its pixels
   * @param target takes the part's rows
   */
  static void resize(
      Pixels source, Resolution size, Box part, ResizeFilter filter, Bilinear.Rows target) {
    Axis columns = Axis.of(source.width(), size.width(), part.left(), part.width(), filter);
    Axis rows = Axis.of(source.height(), size.height(), part.top(), part.height(), filter);
    new Resampling(source, columns, rows).run(target);
  }

  private void run(Bilinear.Rows target) {
    int width = columns.count();
    int[] sums = new int[3 * width];
    float[] red = new float[width];
    float[] green = new float[width];
    float[] blue = new float[width];
    for (int y = 0; y < rows.count(); y++) {
      int first = rows.first[y];
      int[] weights = rows.weights[y];
      resizeUpTo(first + weights.length);
      Arrays.fill(sums, HALF);
      for (int k = 0; k < weights.length; k++) {
        addScaled(recent[(first + k) % recent.length], weights[k], sums);
      }
      for (int x = 0; x < width; x++) {
        blue[x] = UNITS[level(sums[3 * x])];
        green[x] = UNITS[level(sums[3 * x + 1])];
        red[x] = UNITS[level(sums[3 * x + 2])];
      }
      target.put(red, green, blue, width);
    }
  }

  /** Resizes source rows along x, each once, into the ring of recent ones. */
  private void resizeUpTo(int end) {
    for (; resized < end; resized++) {
      source.bgr().get(source.first() + resized * source.stride(), line);
      alongX(recent[resized % recent.length]);
    }
  }

  private void alongX(int[] result) {
    for (int x = 0; x < columns.count(); x++) {
      int[] weights = columns.weights[x];
      int at = 3 * columns.first[x];
      int blue = HALF;
      int green = HALF;
      int red = HALF;
      for (int weight : weights) {
        blue += weight * (line[at] & 0xff);
        green += weight * (line[at + 1] & 0xff);
        red += weight * (line[at + 2] & 0xff);
        at += 3;
      }
      result[3 * x] = level(blue);
      result[3 * x + 1] = level(green);
      result[3 * x + 2] = level(red);
    }
  }

  // Small and alone, which the compiler makes vector code of.
  private static void addScaled(int[] row, int weight, int[] sums) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += weight * row[i];
    }
  }

  private static int level(int sum) {
    return Math.max(0, Math.min(sum >> PRECISION_BITS, 255));
  }
}
