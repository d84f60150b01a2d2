package dev.fgvc.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The most memory that this process held at once, native libraries and garbage not yet collected
 * included. Linux alone tells; elsewhere there is no value.
 */
final class ResidentPeak {

  private static final Path RESET = Path.of("/proc/self/clear_refs");
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Pattern PEAK = Pattern.compile("(?m)^VmHWM:\\s+(\\d+) kB$");

  /** The value of clear_refs that makes Linux forget the peak, see proc(5). */
  private static final String FORGET = "5";

  private ResidentPeak() {}

  /** Resets the peak to what is held now; where that is not allowed, it stays the process's. */
  static void reset() {
    try {
      Files.writeString(RESET, FORGET);
    } catch (IOException e) {
      // Not Linux, or a container that forbids it: sizes grow, so the last peak is the largest.
    }
  }

  /** Bytes since the last reset. */
  static OptionalLong bytes() {
    try {
      Matcher peak = PEAK.matcher(Files.readString(STATUS));
      return peak.find()
          ? OptionalLong.of(1024 * Long.parseLong(peak.group(1)))
          : OptionalLong.empty();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }
}
