package dev.fgvc.nets.cluster.c10d;

import com.google.common.base.Throwables;
import dev.fgvc.natives.NativeArtifact;
import dev.fgvc.natives.NativeLibrary;
import dev.fgvc.nets.engine.ProcessGroupException;
import java.util.List;
import java.util.Locale;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch_gloo;

/** The way to c10d, whose exceptions it makes to {@link ProcessGroupException}. */
final class C10dLibrary {

  private static final String RESTART_ALL =
      "start all processes again; training goes on from the newest checkpoint";

  /** Advice after a failure, at the end of a message. */
  static final String RESTART = "; " + RESTART_ALL;

  /** To be used once the engine on libtorch has been loaded. */
  static final NativeLibrary C10D =
      NativeLibrary.builder(
              "c10d", NativeArtifact.PYTORCH, NativeArtifact.OPENBLAS, NativeArtifact.JAVACPP)
          .exception(C10dLibrary::failure)
          .advice("use smaller batches", RESTART_ALL)
          .build(() -> Loader.load(torch_gloo.class));

  /** Words of failures to read from, write to or meet a process that is gone. */
  private static final List<String> ENDED =
      List.of("connection", "socket", "broken pipe", "remote process", "ncclremoteerror");

  private static final String OTHER_ENDED = "another process of the group has ended: ";

  private static final String OUT_OF_TIME =
      "another process of the group does not answer in time; it may be stopped, or rank 0 needs"
          + " longer for a checkpoint or a listener than the time-out allows: ";

  private C10dLibrary() {}

  /** The backends have two kinds of failures, which only their words tell apart. */
  static ProcessGroupException failure(String message, Throwable cause) {
    String words = Throwables.getRootCause(cause).toString().toLowerCase(Locale.ROOT);
    String reason = "";
    if (words.contains("timed out") || words.contains("timeout")) {
      reason = OUT_OF_TIME;
    } else if (ENDED.stream().anyMatch(words::contains)) {
      reason = OTHER_ENDED;
    }
    return new ProcessGroupException(reason + message, cause);
  }

  /** The failure of an exchange that was waited for in vain. */
  static ProcessGroupException outOfTime(String what) {
    return new ProcessGroupException(OUT_OF_TIME + what + RESTART);
  }

  /** Whether a failure says no more than that another process has ended. */
  static boolean isEndOfAnother(ProcessGroupException failure) {
    return failure.getMessage().startsWith(OTHER_ENDED);
  }
}
