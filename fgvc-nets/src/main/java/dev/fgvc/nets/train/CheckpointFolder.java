package dev.fgvc.nets.train;

import static com.google.common.base.Preconditions.checkState;
import static com.google.common.base.Strings.lenientFormat;

import dev.fgvc.nets.engine.TrainingState;
import dev.fgvc.nets.weights.TensorFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files of a {@link Checkpoints}, held by one run; a process that ends lets go of them. No file
 * of a run is renamed or deleted before a whole checkpoint of it was read or written.
 */
final class CheckpointFolder implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger(Checkpoints.class.getName());
  private static final String LOCK = "training.lock";
  private static final Pattern NAME = Pattern.compile("checkpoint-(\\p{Nd}{12})\\.safetensors");
  private static final Pattern SET_ASIDE = Pattern.compile("checkpoint-.*\\.safetensors\\.damaged");
  private static final Pattern PARTIAL = Pattern.compile("checkpoint-.*\\.partial");
  private static final long HEADER_ALLOWANCE = 1 << 20;

  private final Checkpoints settings;
  private final RunIdentity run;
  private final FileChannel lockFile;

  private CheckpointFolder(Checkpoints settings, RunIdentity run, FileChannel lockFile) {
    this.settings = settings;
    this.run = run;
    this.lockFile = lockFile;
  }

  /**
   * Takes the folder for a run and clears what a killed one left half written.
   *
   * @param run whose checkpoints are read and written
   * @throws IllegalStateException if another run has it
   */
  static CheckpointFolder open(Checkpoints settings, RunIdentity run) {
    Path folder = settings.folder();
    try {
      Files.createDirectories(folder);
      FileChannel channel =
          FileChannel.open(
              folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!isLocked(channel)) {
        channel.close();
        throw new IllegalStateException("another run writes its checkpoints to " + folder);
      }
      for (Path partial : matching(folder, PARTIAL)) {
        Files.deleteIfExists(partial);
      }
      return new CheckpointFolder(settings, run, channel);
    } catch (IOException e) {
      throw new UncheckedIOException("no checkpoints can be kept in " + folder + ": " + e, e);
    }
  }

  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  /**
   * The newest checkpoint that is whole. Damaged ones that are newer get another name, so that they
   * can be looked at and are not met again.
   *
   * @param damaged told of each that is damaged, after it was renamed
   * @return empty if there is none at all
   * @throws IllegalStateException if there are some, but none is whole, or if the newest that is
   *     whole is another run's; all files are left as they are
   * @throws UncheckedIOException if one cannot be read, which is no damage; likewise
   */
  Optional<Checkpoint> newest(BiConsumer<Path, String> damaged) {
    Map<Path, String> reasons = new LinkedHashMap<>();
    try {
      for (Path file : newestFirst()) {
        Optional<Checkpoint> whole = read(file, reasons);
        if (whole.isPresent()) {
          requireSameRun(whole.get());
          setAside(reasons, damaged);
          prune();
          return whole;
        }
      }
      for (Path file : matching(settings.folder(), SET_ASIDE)) {
        reasons.put(file, file + ": set aside as damaged");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!reasons.isEmpty()) {
      throw new IllegalStateException(
          "no checkpoint in "
              + settings.folder()
              + " is whole; to start anew, use another folder: "
              + String.join("; ", reasons.values()));
    }
    return Optional.empty();
  }

  /** Notes the reason where the content is damaged; a file that cannot be read may be whole. */
  private static Optional<Checkpoint> read(Path file, Map<Path, String> reasons) {
    try {
      return Optional.of(Checkpoint.of(TensorFile.read(file)));
    } catch (IOException | UncheckedIOException e) {
      IOException cause = e instanceof UncheckedIOException u ? u.getCause() : (IOException) e;
      throw new UncheckedIOException(
          lenientFormat(
              "checkpoint %s cannot be read, which does not mean that it is damaged: make it"
                  + " readable, or move it elsewhere to go on from the one before it: %s",
              file, cause),
          cause);
    } catch (RuntimeException e) {
      reasons.put(file, String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private void requireSameRun(Checkpoint checkpoint) {
    checkState(
        checkpoint.run().isComplete(),
        "the checkpoints in %s were written by an earlier version, which noted neither the start"
            + " weights nor what the images hold: nothing tells whether they are this run's. End"
            + " their run with that version, or use another folder to start anew",
        settings.folder());
    String differences = checkpoint.run().differences(run);
    if (!differences.isEmpty()) {
      throw new IllegalStateException(
          "the checkpoints in "
              + settings.folder()
              + " are another run's; use another folder to start anew. Different are "
              + differences);
    }
  }

  private static void setAside(Map<Path, String> reasons, BiConsumer<Path, String> damaged)
      throws IOException {
    for (Map.Entry<Path, String> each : reasons.entrySet()) {
      Path file = each.getKey();
      Path aside = file.resolveSibling(file.getFileName() + ".damaged");
      Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
      LOG.log(
          System.Logger.Level.WARNING,
          "checkpoint cannot be used, the one before it is tried: {0}",
          each.getValue());
      damaged.accept(aside, each.getValue());
    }
  }

  /**
   * Writes a checkpoint of the run, then removes the oldest.
   *
   * @return its file
   * @throws UncheckedIOException if it cannot be written, naming what it needs and what there is;
   *     those before it are untouched
   */
  Path save(Checkpoint.Position position, TrainingState state) {
    Path folder = settings.folder();
    Path file =
        folder.resolve(String.format(Locale.ROOT, "checkpoint-%012d.safetensors", position.step()));
    TensorFile content = new Checkpoint(run, position, state).toFile();
    long needed = content.bytes() + HEADER_ALLOWANCE;
    try {
      content.write(file);
      prune();
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(
          String.format(
                  Locale.ROOT,
                  "%s cannot be written, it needs about %d bytes and %s has %s free; the"
                      + " checkpoints before",
                  file,
                  needed,
                  folder,
                  free(folder))
              + " it are whole: make room and start again, which goes on from the newest: "
              + e,
          e);
    }
  }

  private void prune() throws IOException {
    List<Path> files = newestFirst();
    for (Path old : files.subList(Math.min(settings.keep(), files.size()), files.size())) {
      Files.delete(old);
    }
  }

  private static String free(Path folder) {
    try {
      return Long.toString(Files.getFileStore(folder).getUsableSpace());
    } catch (IOException | UnsupportedOperationException e) {
      return "an unknown number";
    }
  }

  private List<Path> newestFirst() throws IOException {
    List<Path> files = matching(settings.folder(), NAME);
    files.sort(Comparator.comparingLong(CheckpointFolder::step).reversed());
    return files;
  }

  private static long step(Path file) {
    Matcher matcher = NAME.matcher(file.getFileName().toString());
    return matcher.matches() ? Long.parseLong(matcher.group(1)) : -1;
  }

  private static List<Path> matching(Path folder, Pattern name) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return new ArrayList<>(
          files.filter(file -> name.matcher(file.getFileName().toString()).matches()).toList());
    }
  }

  @Override
  public void close() {
    try {
      lockFile.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
