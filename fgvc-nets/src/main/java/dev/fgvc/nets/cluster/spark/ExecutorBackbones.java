package dev.fgvc.nets.cluster.spark;

import dev.fgvc.image.Resolution;
import dev.fgvc.nets.engine.Backbone;
import dev.fgvc.nets.engine.Images;
import java.nio.FloatBuffer;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

/**
 * The backbone of this JVM: compiled when the first task asks for it, shared by all tasks that run
 * at once, and kept for those that follow. It makes way when a task asks for another one.
 *
 * <p>This is static state, which the library has nowhere else: Spark gives tasks of one executor
 * nothing in common but their classes.
 */
final class ExecutorBackbones {

  private static Optional<Entry> kept = Optional.empty();

  private ExecutorBackbones() {}

  /**
   * The use of a backbone, until it is closed.
   *
   * @param key the same for the same backbone, and only then
   * @param open makes it where it is not here yet
   */
  static Lease lease(String key, Supplier<Backbone> open) {
    return lease(key, open, Images::allocate);
  }

  /** The same, with the memory of a new backbone's pixels from elsewhere. */
  static synchronized Lease lease(String key, Supplier<Backbone> open, PixelMemory memory) {
    if (kept.isEmpty() || !kept.get().key.equals(key)) {
      kept.ifPresent(Entry::retire);
      kept = Optional.empty();
      kept = Optional.of(new Entry(key, open.get(), memory));
    }
    return kept.get().lease();
  }

  /** Where a buffer for the pixels of some images comes from. */
  @FunctionalInterface
  interface PixelMemory {
    FloatBuffer allocate(int count, Resolution resolution);
  }

  private static final class Entry {

    private final String key;
    private final Backbone backbone;
    private final PixelMemory memory;
    private final Queue<FloatBuffer> buffers = new ConcurrentLinkedQueue<>();
    private int leases;
    private boolean retired;

    Entry(String key, Backbone backbone, PixelMemory memory) {
      this.key = key;
      this.backbone = backbone;
      this.memory = memory;
    }

    synchronized Lease lease() {
      leases++;
      return new Lease(this);
    }

    synchronized void release() {
      leases--;
      closeIfDone();
    }

    synchronized void retire() {
      retired = true;
      closeIfDone();
    }

    private void closeIfDone() {
      if (retired && leases == 0 && backbone instanceof AutoCloseable closeable) {
        try {
          closeable.close();
        } catch (Exception e) {
          throw new IllegalStateException("closing " + backbone, e);
        }
      }
    }
  }

  /**
   * Memory for pixels, which the backbone's other tasks have when it is closed.
   *
   * @param free what no task uses
   */
  record Pixels(Queue<FloatBuffer> free, FloatBuffer values) implements AutoCloseable {

    @Override
    public void close() {
      free.add(values);
    }
  }

  /** The use of a backbone by one task, and memory for its pixels. */
  static final class Lease implements AutoCloseable {

    private final Entry entry;

    private Lease(Entry entry) {
      this.entry = entry;
    }

    Backbone backbone() {
      return entry.backbone;
    }

    /** Zeros, or what another task has left: finite numbers in any case. */
    Pixels pixels(int count, Resolution resolution) {
      FloatBuffer free = entry.buffers.poll();
      return new Pixels(
          entry.buffers,
          free != null && free.capacity() == 3L * count * resolution.pixels()
              ? free.clear()
              : entry.memory.allocate(count, resolution));
    }

    @Override
    public void close() {
      entry.release();
    }
  }
}
