package dev.fgvc.nets.example;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/**
 * Where a run keeps its work, so that one that was stopped goes on. By default the work is deleted
 * at the end: a run of other code would take it for its own, since results are known by their data
 * and settings, not by the code that made them.
 *
 * @param folder of the work
 * @param forGood whether it stays when the run has ended
 */
record KeptWork(Path folder, boolean forGood) {

  /** {@code -Dfgvc.folder=DIR}, or {@code work} below the report's folder. */
  static KeptWork of(Properties properties, Path report) {
    String named = properties.getProperty("fgvc.folder", "").trim();
    return named.isEmpty()
        ? new KeptWork(report.resolve("work"), false)
        : new KeptWork(Path.of(named), true);
  }

  /** Says so if an earlier run has left work. */
  void begin(PrintStream out) {
    if (Files.exists(folder)) {
      out.println(
          "goes on with the work in " + folder.toAbsolutePath() + "; delete it to begin anew");
    }
  }

  /** Deletes the work of a run that has ended, unless it stays for good. */
  void end() throws IOException {
    if (!forGood && Files.exists(folder)) {
      // Below a folder of our own there are no links to follow.
      MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
    }
  }
}
