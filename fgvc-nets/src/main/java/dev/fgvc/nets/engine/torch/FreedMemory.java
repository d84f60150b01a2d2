package dev.fgvc.nets.engine.torch;

import dev.fgvc.nets.engine.Device;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.global.torch;

/**
 * Has the C library keep what is freed, for the next map of about that size. Left to itself, glibc
 * gives large blocks back to the system, which hands out empty pages again one by one: for
 * Inception-v3 in bfloat16 that took up to a quarter of the time.
 *
 * <p>glibc fetches from the system, and gives back at once, blocks above a size that follows the
 * largest one freed so far, up to 32 MiB; it trims its heaps at twice that. So one block of nearly
 * 32 MiB, never written to, is fetched and freed. That costs two system calls, and has no effect on
 * other C libraries or where the environment sets {@code MALLOC_MMAP_THRESHOLD_}.
 */
final class FreedMemory {

  /** Room is left for what the C library writes beside a block. */
  private static final long BLOCK = (32L << 20) - (16 << 10);

  private FreedMemory() {}

  static void keep() {
    Pointer block = Pointer.malloc(BLOCK);
    if (block != null) {
      Pointer.free(block);
    }
  }

  /** Gives what a GPU's allocator keeps for later back to the GPU, once its work is done. */
  static void giveBack(Device device) {
    if (device.kind() == Device.Kind.CUDA) {
      torch.emptyCache();
    }
  }
}
