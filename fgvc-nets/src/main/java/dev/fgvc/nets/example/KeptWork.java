package dev.fgvc.nets.example;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.fgvc.nets.experiment.Laboratory;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * Where a run keeps its work, so that one that was stopped goes on. By default the work is deleted
 * at the end, and when another build of the library finds it: a run of other code would take it for
 * its own, since results are known by their data and settings, not by the code that made them.
 *
 * @param folder of the work
 * @param forGood whether it stays when the run has ended
 */
record KeptWork(Path folder, boolean forGood) {

  /** Lies in a folder that may be deleted, and holds what tells one build from another. */
  private static final String MARK = "unfinished-run";

  /** {@code -Dfgvc.folder=DIR}, or {@code unfinished} below the report's folder. */
  static KeptWork of(Properties properties, Path report) {
    String named = properties.getProperty("fgvc.folder", "").trim();
    return named.isEmpty()
        ? new KeptWork(report.resolve("unfinished"), false)
        : new KeptWork(Path.of(named), true);
  }

  /**
   * Says so if an earlier run has left work; prepares the folder.
   *
   * @throws IllegalArgumentException if a folder that would be deleted was not made here
   */
  void begin(PrintStream out) throws IOException {
    String name = folder.toAbsolutePath().toString();
    if (forGood) {
      if (Files.exists(folder)) {
        out.println(
            "goes on with the work in " + name + ", of whatever build; delete it to begin anew");
      }
      return;
    }
    String build = build();
    if (Files.exists(folder)) {
      checkArgument(
          Files.exists(folder.resolve(MARK)),
          "%s was not made by such a run: name another folder for the report",
          name);
      if (Files.readString(folder.resolve(MARK)).equals(build)) {
        out.println("goes on with the work in " + name + "; delete it to begin anew");
        return;
      }
      out.println("begins anew: the work in " + name + " is of another build");
      end();
    }
    Files.createDirectories(folder);
    Files.writeString(folder.resolve(MARK), build);
  }

  /** Deletes the work of a run that has ended, unless it stays for good. */
  void end() throws IOException {
    if (!forGood && Files.exists(folder.resolve(MARK))) {
      // Below a folder of our own there are no links to follow.
      MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
    }
  }

  /** The size and the last change of the library's own classes. */
  private static String build() throws IOException {
    Path code;
    try {
      code = Path.of(Laboratory.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
    try (Stream<Path> files = Files.walk(code)) {
      long bytes = 0;
      long changed = 0;
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        bytes += Files.size(file);
        changed = Math.max(changed, Files.getLastModifiedTime(file).toMillis());
      }
      return bytes + " bytes, changed at " + changed;
    }
  }
}
