package dev.fgvc.emd.internal.cost;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.util.Optional;

/** Options of the virtual machine, as it reports them. */
final class HotSpot {

  private HotSpot() {}

  /**
   * The value of an option, also of one that nobody set.
   *
   * @return empty where there is no such option, on another virtual machine, and in a runtime image
   *     without jdk.management
   */
  static Optional<String> option(String name) {
    try {
      return Optional.ofNullable(ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class))
          .map(machine -> machine.getVMOption(name).getValue());
    } catch (LinkageError | RuntimeException unknown) {
      return Optional.empty();
    }
  }
}
