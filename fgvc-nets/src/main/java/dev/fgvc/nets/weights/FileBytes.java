package dev.fgvc.nets.weights;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Optional;

/**
 * A file, or one's contents in memory, read piece by piece, little-endian. Every piece is held
 * against the real size before memory is taken for it.
 *
 * <p>A file can stay open for values that are read later, {@link #keepOpen}. Who holds it then
 * reads the same file even where another has taken its name, and the system's handle goes with the
 * last that can reach it.
 */
final class FileBytes implements AutoCloseable {

  /** The largest array that every JVM allocates. */
  private static final long MAX_PIECE = Integer.MAX_VALUE - 16;

  private final Path file;
  private final PieceReader reader;
  private final Closeable owner;
  private final long size;

  /**
   * The file as it was opened; empty where the system does not say which file a name stands for.
   */
  private final Optional<FileVersion> version;

  private boolean keptOpen;

  private FileBytes(
      Path file, PieceReader reader, Closeable owner, long size, Optional<FileVersion> version) {
    this.file = file;
    this.reader = reader;
    this.owner = owner;
    this.size = size;
    this.version = version;
  }

  /** A file at a moment: which one it is, and when it was last written to. */
  private record FileVersion(Object key, FileTime modified, long size) {

    static Optional<FileVersion> of(Path file) throws IOException {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return Optional.ofNullable(attributes.fileKey())
          .map(key -> new FileVersion(key, attributes.lastModifiedTime(), attributes.size()));
    }
  }

  /** Reads like {@link FileChannel#read(ByteBuffer, long)}. */
  private interface PieceReader {
    int read(ByteBuffer target, long offset) throws IOException;
  }

  static FileBytes open(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new FileSystemException(file.toString(), null, "is a folder; name a file in it");
    }
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      long size = channel.size();
      return new FileBytes(
          file,
          channel::read,
          channel,
          size,
          FileVersion.of(file).filter(version -> version.size() == size));
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * The contents of a file.
   *
   * @param name what messages call them
   */
  static FileBytes of(byte[] contents, Path name) {
    return new FileBytes(
        name,
        (target, offset) -> {
          int length = target.remaining();
          target.put(contents, (int) offset, length);
          return length;
        },
        () -> {},
        contents.length,
        Optional.empty());
  }

  Path file() {
    return file;
  }

  long size() {
    return size;
  }

  /**
   * A piece of the file.
   *
   * @param what is read, for the message where the file is too short
   */
  ByteBuffer read(long offset, long length, String what) throws IOException {
    if (offset < 0 || length < 0 || length > size - offset || length > MAX_PIECE) {
      throw new WeightsFormatException(
          file,
          Math.max(offset, 0),
          what + " of " + length + " bytes",
          "a file of " + size + " bytes; it is truncated or damaged");
    }
    ByteBuffer buffer = ByteBuffer.allocate((int) length).order(ByteOrder.LITTLE_ENDIAN);
    readFully(buffer, offset, what);
    return buffer.flip();
  }

  private void readFully(ByteBuffer target, long offset, String what) throws IOException {
    while (target.hasRemaining()) {
      if (reader.read(target, offset + target.position()) < 0) {
        throw new WeightsFormatException(
            file, offset + target.position(), what, "the end of a file that was longer before");
      }
    }
  }

  /**
   * Fills a buffer, from its start to its limit, from a place that was found to be in the file.
   *
   * @param what is read, for the message where the file has become too short
   */
  void fill(ByteBuffer target, long offset, String what) {
    try {
      readFully(target, offset, what);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": " + what + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** Whether values can be read later: not where the system gives files no identity. */
  boolean canStayOpen() {
    return version.isPresent();
  }

  /** Keeps the file open when this is closed. */
  void keepOpen() {
    keptOpen = true;
  }

  /**
   * Refuses a file that was written to since it was opened. One that was deleted, or replaced by
   * another of its name, is as it was.
   */
  void requireUnchanged() {
    if (version.isEmpty()) {
      return;
    }
    Optional<FileVersion> now;
    try {
      now = FileVersion.of(file);
    } catch (IOException e) {
      return; // its name is gone
    }
    if (now.isPresent() && now.get().key().equals(version.get().key()) && !now.equals(version)) {
      throw new WeightsFormatException(
          file,
          "was changed after its weights were read; read it again, and let a new file take the"
              + " place of one that is in use, by renaming it");
    }
  }

  @Override
  public void close() throws IOException {
    if (!keptOpen) {
      owner.close();
    }
  }
}
