package dev.fgvc.nets.engine.torch;

import dev.fgvc.nets.engine.EngineException;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says what to do when memory ends, the processors' or a GPU's. */
final class TorchFailures {

  /** As libtorch's allocators for the processors and for CUDA put it. */
  private static final Pattern OUT_OF_MEMORY =
      Pattern.compile(
          "you tried to allocate (\\d+ bytes)|Tried to allocate ([0-9.]+ [KMGT]iB)"
              + "|(?:bad_alloc|out of memory)");

  private TorchFailures() {}

  /** Runs something that takes native memory. */
  static <T> T during(String what, Supplier<T> work) {
    try {
      return work.get();
    } catch (OutOfMemoryError e) {
      throw outOfMemory(what, String.valueOf(e.getMessage()), e);
    } catch (EngineException | IllegalArgumentException | IllegalStateException e) {
      throw e;
    } catch (RuntimeException e) {
      Matcher refusal = OUT_OF_MEMORY.matcher(String.valueOf(e.getMessage()));
      if (!refusal.find()) {
        throw e;
      }
      String asked = refusal.group(1) != null ? refusal.group(1) : refusal.group(2);
      throw outOfMemory(what, asked == null ? refusal.group() : asked + " asked for", e);
    }
  }

  private static EngineException outOfMemory(String what, String how, Throwable cause) {
    return new EngineException(
        "out of memory outside the Java heap in "
            + what
            + " ("
            + how
            + "): lower the number of images a batch or the resolution, use Precision.BF16, or where"
            + " it is JavaCPP that refuses raise org.bytedeco.javacpp.maxBytes and"
            + " org.bytedeco.javacpp.maxPhysicalBytes",
        cause);
  }
}
