package dev.fgvc.nets.engine.nd4j;

import dev.fgvc.nets.engine.EngineException;
import java.util.function.Supplier;

/** Says what to do when ND4J's memory ends. */
final class Nd4jFailures {

  private Nd4jFailures() {}

  /** Runs something that takes native memory. */
  static <T> T during(String what, Supplier<T> work) {
    try {
      return work.get();
    } catch (OutOfMemoryError e) {
      throw new EngineException(
          "out of memory outside the Java heap in "
              + what
              + " ("
              + e.getMessage()
              + "): lower the resolution, train with fewer images a batch, or raise"
              + " org.bytedeco.javacpp.maxBytes and org.bytedeco.javacpp.maxPhysicalBytes",
          e);
    }
  }
}
