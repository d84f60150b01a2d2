package dev.fgvc.nets.train;

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
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The files of a {@link Checkpoints}, held by one run; a process that ends lets go of them. */
final class CheckpointFolder implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger(Checkpoints.class.getName());
  private static final String LOCK = "training.lock";
  private static final Pattern NAME = Pattern.compile("checkpoint-(\\d{12})\\.safetensors");
  private static final Pattern PARTIAL = Pattern.compile("checkpoint-.*\\.partial");
  private static final long HEADER_ALLOWANCE = 1 << 20;

  private final Checkpoints settings;
  private final FileChannel lockFile;

  private CheckpointFolder(Checkpoints settings, FileChannel lockFile) {
    this.settings = settings;
    this.lockFile = lockFile;
  }

  /**
   * Takes the folder for this run and clears what a killed one left half written.
   *
   * @throws IllegalStateException if another run has it
   */
  static CheckpointFolder open(Checkpoints settings) {
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
      return new CheckpointFolder(settings, channel);
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
   * The newest checkpoint that is whole.
   *
   * @param damaged told of each that is not, after it was renamed
   * @return empty if there is none at all
   * @throws IllegalStateException if there are some, but none is whole
   */
  Optional<Checkpoint> newest(BiConsumer<Path, String> damaged) {
    List<String> reasons = new ArrayList<>();
    try {
      for (Path file : newestFirst()) {
        try {
          return Optional.of(Checkpoint.of(TensorFile.read(file)));
        } catch (IOException | RuntimeException e) {
          String reason = String.valueOf(e.getMessage());
          reasons.add(reason);
          Path aside = file.resolveSibling(file.getFileName() + ".damaged");
          Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
          LOG.log(
              System.Logger.Level.WARNING,
              "checkpoint cannot be used, the one before it is tried: {0}",
              reason);
          damaged.accept(aside, reason);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!reasons.isEmpty()) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "no checkpoint in %s is whole; to start anew, use another folder: %s",
              settings.folder(),
              String.join("; ", reasons)));
    }
    return Optional.empty();
  }

  /**
   * Writes a checkpoint, then removes the oldest.
   *
   * @return its file
   * @throws UncheckedIOException if it cannot be written, naming what it needs and what there is;
   *     those before it are untouched
   */
  Path save(Checkpoint checkpoint) {
    Path folder = settings.folder();
    Path file =
        folder.resolve(
            String.format(
                Locale.ROOT, "checkpoint-%012d.safetensors", checkpoint.position().step()));
    TensorFile content = checkpoint.toFile();
    long needed = content.bytes() + HEADER_ALLOWANCE;
    try {
      content.write(file);
      List<Path> files = newestFirst();
      for (Path old : files.subList(Math.min(settings.keep(), files.size()), files.size())) {
        Files.delete(old);
      }
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(
          String.format(
                  Locale.ROOT,
                  "%s cannot be written, it needs about %d bytes and %s has %s free; the checkpoints before",
                  file,
                  needed,
                  folder,
                  free(folder))
              + " it are whole: make room and start again, which goes on from the newest: "
              + e,
          e);
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
