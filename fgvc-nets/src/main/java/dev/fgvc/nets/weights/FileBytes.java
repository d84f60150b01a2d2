package dev.fgvc.nets.weights;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file, or one's contents in memory, read piece by piece, little-endian. Every piece is held
 * against the real size before memory is taken for it.
 */
final class FileBytes implements AutoCloseable {

  /** The largest array that every JVM allocates. */
  private static final long MAX_PIECE = Integer.MAX_VALUE - 16;

  private final Path file;
  private final PieceReader reader;
  private final Closeable owner;
  private final long size;

  private FileBytes(Path file, PieceReader reader, Closeable owner, long size) {
    this.file = file;
    this.reader = reader;
    this.owner = owner;
    this.size = size;
  }

  /** Reads like {@link FileChannel#read(ByteBuffer, long)}. */
  private interface PieceReader {
    int read(ByteBuffer target, long offset) throws IOException;
  }

  static FileBytes open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      return new FileBytes(file, channel::read, channel, channel.size());
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
        contents.length);
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
    while (buffer.hasRemaining()) {
      if (reader.read(buffer, offset + buffer.position()) < 0) {
        throw new WeightsFormatException(
            file, offset + buffer.position(), what, "the end of a file that was longer before");
      }
    }
    return buffer.flip();
  }

  @Override
  public void close() throws IOException {
    owner.close();
  }
}
