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
  static synchronized Lease lease(String key, Supplier<Backbone> open) {
    if (kept.isEmpty() || !kept.get().key.equals(key)) {
      kept.ifPresent(Entry::retire);
      kept = Optional.empty();
      kept = Optional.of(new Entry(key, open.get()));
    }
    return kept.get().lease();
  }

  private static final class Entry {

    private final String key;
    private final Backbone backbone;
    private final Queue<FloatBuffer> buffers = new ConcurrentLinkedQueue<>();
    private int leases;
    private boolean retired;

    Entry(String key, Backbone backbone) {
      this.key = key;
      this.backbone = backbone;
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
    FloatBuffer pixels(int count, Resolution resolution) {
      FloatBuffer free = entry.buffers.poll();
      return free != null && free.capacity() == 3L * count * resolution.pixels()
          ? free.clear()
          : Images.allocate(count, resolution);
    }

    void release(FloatBuffer pixels) {
      entry.buffers.add(pixels);
    }

    @Override
    public void close() {
      entry.release();
    }
  }
}
