package dev.fgvc.nets.engine.torch;

import dev.fgvc.nets.engine.EngineException;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says what to do when memory ends, the processors' or a GPU's. */
final class TorchFailures {

  /** What was asked for, as libtorch's allocators for the processors and for CUDA put it. */
  private static final Pattern AMOUNT =
      Pattern.compile("[Tt]ried to allocate (\\d+ bytes|[0-9.]+ [KMGT]iB)");

  /** Where nothing says how much. */
  private static final Pattern OUT_OF_MEMORY = Pattern.compile("bad_alloc|out of memory");

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
      String message = String.valueOf(e.getMessage());
      Matcher amount = AMOUNT.matcher(message);
      if (amount.find()) {
        throw outOfMemory(what, amount.group(1) + " asked for", e);
      }
      Matcher refusal = OUT_OF_MEMORY.matcher(message);
      if (refusal.find()) {
        throw outOfMemory(what, refusal.group(), e);
      }
      throw e;
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
