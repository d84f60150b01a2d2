package dev.fgvc.file;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Writes or replaces a file atomically: into a temporary file in the same folder, forced to the
 * disk, then renamed. Finally the folder is forced too, so that the new name outlives a power
 * failure. Neither Windows nor the file systems of other providers let a program force a folder;
 * there the rename is left to the system.
 */
public final class WholeFile {

  private static final String PARTIAL = ".partial";

  /** The file's own name, and what {@link #write} appends to it. */
  private static final Pattern PARTIAL_NAME =
      Pattern.compile("(.*)\\.[0-9a-f-]{36}" + Pattern.quote(PARTIAL), Pattern.DOTALL);

  private static final boolean WINDOWS = File.separatorChar == '\\';

  private WholeFile() {}

  /** The content of a file, written on demand. */
  @FunctionalInterface
  public interface Content {

    /**
     * Writes everything.
     *
     * @param channel of the temporary file, at its start
     * @throws IOException if it cannot be written
     */
    void writeTo(FileChannel channel) throws IOException;
  }

  /**
   * Writes or replaces a file.
   *
   * @param file its path; the folder must exist
   * @param content what is written
   * @throws IOException if it cannot be written; what stood there before is untouched. If only the
   *     folder cannot be forced, the new file stands there, whole
   */
  public static void write(Path file, Content content) throws IOException {
    // Not createTempFile, whose files nobody but their owner may read.
    Path temporary = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + PARTIAL);
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        content.writeTo(channel);
        channel.force(true);
      }
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      force(folder);
    }
  }

  /** Forces the names in a folder to the disk, where the system can. */
  static void force(Path folder) throws IOException {
    if (WINDOWS || !folder.getFileSystem().equals(FileSystems.getDefault())) {
      return;
    }
    try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
      names.force(true);
    }
  }

  /**
   * Deletes the temporary files that killed processes left of a file. Only for files that no other
   * process writes now.
   *
   * @param file the path that was to be written; its folder may be missing
   * @throws IOException if the folder cannot be read or a file not deleted
   */
  public static void deletePartial(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      return;
    }
    deletePartial(folder, file.getFileName().toString()::equals);
  }

  /**
   * Deletes the temporary files that killed processes left of any file in a folder. Only for
   * folders that no other process writes to now.
   *
   * @param folder may be missing
   * @throws IOException if the folder cannot be read or a file not deleted
   */
  public static void deleteAllPartial(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      deletePartial(folder, name -> true);
    }
  }

  private static void deletePartial(Path folder, Predicate<String> names) throws IOException {
    List<Path> left;
    try (Stream<Path> files = Files.list(folder)) {
      left = files.filter(each -> isPartial(each, names)).toList();
    }
    for (Path each : left) {
      Files.deleteIfExists(each);
    }
  }

  private static boolean isPartial(Path file, Predicate<String> names) {
    Matcher partial = PARTIAL_NAME.matcher(file.getFileName().toString());
    return partial.matches() && names.test(partial.group(1));
  }

  /**
   * Writes or replaces a file of given bytes.
   *
   * @param file its path; the folder must exist
   * @param bytes all of it
   * @throws IOException if it cannot be written; what stood there before is untouched
   */
  public static void write(Path file, byte[] bytes) throws IOException {
    write(file, channel -> writeFully(channel, ByteBuffer.wrap(bytes)));
  }

  /**
   * Writes all of a buffer, which one call of a channel need not do.
   *
   * @param channel where to
   * @param buffer what; read to its limit
   * @throws IOException if it cannot be written
   */
  public static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }
}
