package dev.fgvc.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Writes a file so that one of its name is always whole: into a temporary file in the same folder,
 * forced to the disk, then renamed.
 */
public final class WholeFile {

  private WholeFile() {}

  /** What is written. */
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
   * @throws IOException if it cannot be written; what stood there before is untouched
   */
  public static void write(Path file, Content content) throws IOException {
    // Not createTempFile, whose files nobody but their owner may read.
    Path temporary = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".partial");
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
