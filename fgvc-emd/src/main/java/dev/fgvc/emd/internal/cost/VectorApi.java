package dev.fgvc.emd.internal.cost;

/**
 * Whether the Vector API of the JDK computes products and searches lines: where the virtual machine
 * was started with {@code --add-modules jdk.incubator.vector}, has an instruction for a x b + c,
 * and compiles as it does by default. Loops give the same bits in two to ten times the time.
 *
 * <p>Only classes that others do not see import that package: Javadoc enters what is imported by
 * what it shows, and fails on the compiler's warning of incubating modules.
 */
final class VectorApi {

  /** Rows worked on together: what a block of targets has is fetched from memory once for all. */
  private static final int ROWS = 120;

  /** Fewer rows do where their lines of distances would take many megabytes for each thread. */
  private static final int LINE_VALUES = 1 << 22;

  private static final int LEAST_ROWS = 36;

  private static final boolean USABLE =
      ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
          && FusedMultiplyAdd.isInHardware()
          && isCompiledInTheEnd();

  private VectorApi() {}

  static boolean isUsable() {
    return USABLE;
  }

  /** How many of some rows panels work on together. */
  static int rowsAtOnce(int rows, int columns) {
    return Math.min(rows, Math.max(LEAST_ROWS, Math.min(ROWS, LINE_VALUES / columns)));
  }

  /** Vectors stay objects, far slower than loops, but for HotSpot's second compiler. */
  private static boolean isCompiledInTheEnd() {
    return System.getProperty("java.vm.info", "").startsWith("mixed mode")
        && HotSpot.option("TieredStopAtLevel").filter("4"::equals).isPresent()
        && HotSpot.option("UseJVMCICompiler").filter("true"::equals).isEmpty();
  }
}
