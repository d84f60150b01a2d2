package dev.fgvc.nets.engine.torch.runtime;

import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.EngineException;
import dev.fgvc.nets.engine.torch.memory.MallocArenaHeaps;
import java.util.Set;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.global.torch;

/**
 * All that this library changes for the whole process, where other code may notice it. {@code
 * docs/process-settings.md} lists it for users. With the system property {@value #PROPERTY} set to
 * false nothing is changed, and the engine does without.
 */
public final class ProcessSettings {

  /** True unless set; looked at each time, so that it may be set at run time. */
  static final String PROPERTY = "fgvc.processSettings";

  /**
   * glibc fetches from the system, and gives back at once, blocks above a size that follows the
   * largest one freed so far, up to 32 MiB; it trims its heaps at twice that. Room is left for what
   * it writes beside a block.
   */
  private static final long LARGEST_HEAP_BLOCK = (32L << 20) - (16 << 10);

  private ProcessSettings() {}

  /** Whether settings may be changed. */
  public static boolean mayChange() {
    return flag(PROPERTY, true);
  }

  /**
   * The value of a system property that is true or false.
   *
   * @throws EngineException if it is something else
   */
  public static boolean flag(String property, boolean unset) {
    String value = System.getProperty(property, Boolean.toString(unset));
    if (!value.equals("true") && !value.equals("false")) {
      throw new EngineException(
          "the system property " + property + " is '" + value + "': set it to true or false");
    }
    return value.equals("true");
  }

  /**
   * Raises glibc's limit for blocks that go back to the system when they are freed, which hands out
   * empty pages again one by one: for Inception-v3 in bfloat16 that took up to a quarter of the
   * time. One block is fetched and freed, and never written to; that costs two system calls, and
   * has no effect on other C libraries or where the environment sets {@code
   * MALLOC_MMAP_THRESHOLD_}.
   */
  public static void raiseMmapThreshold() {
    if (mayChange()) {
      Pointer block = Pointer.malloc(LARGEST_HEAP_BLOCK);
      if (block != null) {
        Pointer.free(block);
      }
    }
  }

  /** Keeps the heaps of the calling thread, if that may be done. */
  static MallocArenaHeaps retainArenaHeaps() {
    return mayChange() ? MallocArenaHeaps.open() : MallocArenaHeaps.none();
  }

  /**
   * Makes libtorch compute on the calling thread alone. That also becomes what threads begin with
   * that come to libtorch later, until {@link #shareAgain}.
   */
  static void computeAlone() {
    torch.get_num_threads(); // the first call of a thread sets its number to the common one
    torch.set_num_threads(1);
  }

  /** Ends that, on a thread that did not compute alone. */
  static void shareAgain(int threads) {
    torch.set_num_threads(threads);
  }

  /**
   * Turns TF32 off for float32 on a GPU, where cuDNN would round the factors of convolutions to 11
   * significant bits.
   *
   * @throws EngineException if that has to be changed and may not be
   */
  public static void useFullFloat32(Device device) {
    if (device.kind() != Device.Kind.CUDA) {
      return;
    }
    if (mayChange()) {
      torch.globalContext().setAllowTF32CuDNN(false);
    } else if (torch.globalContext().allowTF32CuDNN()) {
      throw new EngineException(
          "cuDNN may round float32 to TF32 in this process, and "
              + PROPERTY
              + " keeps this library from changing that: call"
              + " torch.globalContext().setAllowTF32CuDNN(false) first, or use bfloat16");
    }
  }

  /**
   * Makes libtorch do without features of the CPU, if it has not computed yet. They are listed by a
   * property of their own, so {@value #PROPERTY} does not matter. Variables that the environment
   * has already stay. OpenBLAS reads its own, {@code OPENBLAS_CORETYPE}, while it is loaded.
   */
  static void switchOff(Set<CpuFeature> features) {
    CpuFeature.environmentWithout(features)
        .forEach((name, value) -> torch.set_env(name, value, false));
    if (features.contains(CpuFeature.ONEDNN)) {
      torch.globalContext().setUserEnabledMkldnn(false);
    }
  }

  /** Gives memory that a GPU's allocator keeps for later back to the GPU, once its work is done. */
  public static void giveBack(Device device) {
    if (device.kind() == Device.Kind.CUDA && mayChange()) {
      torch.emptyCache();
    }
  }
}
