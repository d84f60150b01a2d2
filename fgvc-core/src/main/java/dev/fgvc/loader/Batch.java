package dev.fgvc.loader;

import dev.fgvc.image.Resolution;
import java.nio.FloatBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Transformed images and their labels. Closing it gives the buffer back to the loader, which then
 * writes other images there; a batch that is never closed only costs its buffer.
 */
public final class Batch implements AutoCloseable {

  private final FloatBuffer images;
  private final int[] labels;
  private final int[] positions;
  private final Resolution resolution;
  private final Runnable release;
  private final AtomicBoolean closed = new AtomicBoolean();

  Batch(
      FloatBuffer images, int[] labels, int[] positions, Resolution resolution, Runnable release) {
    this.images = images;
    this.labels = labels;
    this.positions = positions;
    this.resolution = resolution;
    this.release = release;
  }

  /**
   * The images as float32 [size, 3, height, width], red first, from -1 to 1.
   *
   * @return a direct buffer in native order at position 0 whose limit is {@code size() * 3 * height
   *     * width}; valid until this batch is closed
   * @throws IllegalStateException if this batch is closed
   */
  public FloatBuffer images() {
    if (closed.get()) {
      throw new IllegalStateException("the batch is closed, its buffer may hold other images");
    }
    return images.duplicate();
  }

  /**
   * The labels of the images.
   *
   * @return a new array of length {@link #size()}
   */
  public int[] labels() {
    return labels.clone();
  }

  /**
   * Which images of the data set these are.
   *
   * @return positions in {@link dev.fgvc.data.Dataset#images()}, a new array of length {@link
   *     #size()}
   */
  public int[] positions() {
    return positions.clone();
  }

  /**
   * The number of images.
   *
   * @return at least 1
   */
  public int size() {
    return labels.length;
  }

  /**
   * The size of each image.
   *
   * @return height and width in pixels
   */
  public Resolution resolution() {
    return resolution;
  }

  /** Gives the buffer back; again is allowed and does nothing. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      release.run();
    }
  }
}
