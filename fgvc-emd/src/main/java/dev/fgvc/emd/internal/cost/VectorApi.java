package dev.fgvc.emd.internal.cost;

/**
 * Whether products are computed by the Vector API of the JDK: where the virtual machine was started
 * with {@code --add-modules jdk.incubator.vector}, has an instruction for a x b + c, and compiles
 * as it does by default. Loops that the compiler makes vector code of give the same bits in two to
 * four times the time.
 *
 * <p>Only the panels for it import that package: Javadoc enters what is imported by what it shows,
 * and fails on the compiler's warning of incubating modules.
 */
final class VectorApi {

  private static final boolean USABLE =
      ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
          && FusedMultiplyAdd.isInHardware()
          && isCompiledInTheEnd();

  private VectorApi() {}

  static boolean isUsable() {
    return USABLE;
  }

  /** Vectors stay objects, far slower than loops, but for HotSpot's second compiler. */
  private static boolean isCompiledInTheEnd() {
    return System.getProperty("java.vm.info", "").startsWith("mixed mode")
        && HotSpot.option("TieredStopAtLevel").filter("4"::equals).isPresent()
        && HotSpot.option("UseJVMCICompiler").filter("true"::equals).isEmpty();
  }
}
