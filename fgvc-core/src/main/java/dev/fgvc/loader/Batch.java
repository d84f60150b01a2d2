package dev.fgvc.loader;

import static com.google.common.base.Preconditions.checkState;

import dev.fgvc.image.Resolution;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Transformed images and their labels. Closing it gives the buffer back to the loader, which then
 * writes other images there; a batch that is never closed only costs its buffer.
 */
public final class Batch implements AutoCloseable {

  private final ByteBuffer images;
  private final PixelLayout layout;
  private final Targets targets;
  private final int[] positions;
  private final Resolution resolution;
  private final Runnable release;
  private final AtomicBoolean closed = new AtomicBoolean();

  Batch(
      ByteBuffer images,
      PixelLayout layout,
      Targets targets,
      int[] positions,
      Resolution resolution,
      Runnable release) {
    this.images = images;
    this.layout = layout;
    this.targets = targets;
    this.positions = positions;
    this.resolution = resolution;
    this.release = release;
  }

  /**
   * The images as float32 [size, 3, height, width], red first, from -1 to 1.
   *
   * @return a direct buffer in native order at position 0 whose limit is {@code size() * 3 * height
   *     * width}; valid until this batch is closed
   * @throws IllegalStateException if this batch is closed, or holds bytes
   */
  public FloatBuffer images() {
    return pixels(PixelLayout.FLOATS).asFloatBuffer();
  }

  /**
   * The images as unsigned bytes [size, height, width, 3], red first.
   *
   * @return a direct buffer at position 0 whose limit is {@code size() * height * width * 3}; valid
   *     until this batch is closed
   * @throws IllegalStateException if this batch is closed, or holds floats
   */
  public ByteBuffer bytes() {
    return pixels(PixelLayout.BYTES);
  }

  private ByteBuffer pixels(PixelLayout wanted) {
    if (closed.get()) {
      throw new IllegalStateException("the batch is closed, its buffer may hold other images");
    }
    checkState(
        layout == wanted, "the batch holds %s, build its loader with layout(%s)", layout, wanted);
    return images.duplicate().order(images.order());
  }

  /**
   * How the images lie in the buffer.
   *
   * @return what the loader was built with
   */
  public PixelLayout layout() {
    return layout;
  }

  /**
   * The labels of the images' own classes; all views of one file have its label.
   *
   * @return a new array of length {@link #size()}
   */
  public int[] labels() {
    return targets.labels();
  }

  /**
   * The classes of the images in a loss: their labels, and those that they were mixed with.
   *
   * @return targets of {@link #size()} images
   */
  public Targets targets() {
    return targets;
  }

  /**
   * Which images of the data set these are; of one that was skipped, which stands in for it.
   *
   * @return positions in {@link dev.fgvc.data.Dataset#images()}, a new array of length {@link
   *     #size()}
   */
  public int[] positions() {
    return positions.clone();
  }

  /**
   * The number of images, of which those of one file stand together.
   *
   * @return at least 1
   */
  public int size() {
    return targets.size();
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
