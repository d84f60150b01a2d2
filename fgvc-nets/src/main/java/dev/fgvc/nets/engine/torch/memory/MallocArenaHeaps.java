package dev.fgvc.nets.engine.torch.memory;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;

/**
 * Keeps the heaps of the calling thread's malloc arena. glibc gives each thread a heap of 64 MiB,
 * and more as they fill; it returns one to the system once nothing is left in it. Where a thread's
 * activations take just more than a heap, that happens in each batch or in none, by chance, and
 * each time the system hands out empty pages again: with Inception-v3 in float32 up to 36,000 pages
 * a batch, a tenth of its time.
 *
 * <p>So a small block is left in each of the first heaps. It costs address space, and memory only
 * where activations have been; other C libraries are not harmed. To be opened and closed on the
 * thread.
 */
public final class MallocArenaHeaps implements AutoCloseable {

  /** Beside the first one, which glibc keeps by itself. */
  private static final int HEAPS = 2;

  private static final long HEAP_BYTES = 64 << 20;

  /** Two of these fill a heap; below the size that glibc would fetch by itself. */
  private static final long BLOCK_BYTES = 31 << 20;

  /** More than what glibc puts by for the next block of the same size. */
  private static final long PIN_BYTES = 4 << 10;

  private final List<Pointer> pins = new ArrayList<>();

  private MallocArenaHeaps() {}

  /** Holds nothing. */
  public static MallocArenaHeaps none() {
    return new MallocArenaHeaps();
  }

  /**
   * Opens further heaps by blocks that are not written to, and leaves the beginning of the first
   * block in each. In the middle of a heap it would leave two halves, of which each holds one large
   * activation at most.
   */
  public static MallocArenaHeaps open() {
    MallocArenaHeaps heaps = new MallocArenaHeaps();
    List<Pointer> others = new ArrayList<>();
    List<Pointer> firsts = new ArrayList<>();
    long last = -1;
    for (int i = 0; i < 2 * (1 + HEAPS); i++) {
      Pointer block = Pointer.malloc(BLOCK_BYTES);
      if (block == null) {
        break; // the system has no more: it may want back what is freed
      }
      boolean first = block.address() / HEAP_BYTES != last;
      (first ? firsts : others).add(block);
      last = block.address() / HEAP_BYTES;
    }
    // A block that shrinks stays where it is.
    firsts.forEach(first -> heaps.pins.add(Pointer.realloc(first, PIN_BYTES)));
    others.forEach(Pointer::free);
    return heaps;
  }

  @Override
  public void close() {
    pins.forEach(Pointer::free);
    pins.clear();
  }
}
