package dev.fgvc.feature;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the bytes of an array come from. */
interface NpySource {

  /** The bytes from the first one on. */
  ReadableByteChannel open() throws IOException;

  /** How many there are. */
  long size();

  /** The file they lie in. */
  Path path();

  /** A complaint about them. */
  FeatureFileException error(String problem);

  /**
   * Refuses to take memory that is out of proportion to the file.
   *
   * @param bytes what would be taken
   * @throws FeatureFileException if the array is deflated and its archive far smaller than that
   */
  void requireRoom(long bytes);

  /** Checks, once all has been read, what only the end can tell. */
  void requireEnd(ReadableByteChannel channel) throws IOException;

  /**
   * Reads the next bytes.
   *
   * @param what they are, for the message if there are fewer
   * @return all of them, little-endian
   */
  default ByteBuffer read(ReadableByteChannel channel, int bytes, String what) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    fill(channel, buffer, "ends within " + what);
    return buffer.flip();
  }

  /** Reads until a buffer is full; complains if the bytes end before. */
  default void fill(ReadableByteChannel channel, ByteBuffer buffer, String problem)
      throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw error(problem);
      }
    }
  }

  /** A file of its own. */
  static NpySource file(Path path) throws IOException {
    long size = Files.size(path);
    return new NpySource() {
      @Override
      public ReadableByteChannel open() throws IOException {
        return FileChannel.open(path);
      }

      @Override
      public long size() {
        return size;
      }

      @Override
      public Path path() {
        return path;
      }

      @Override
      public FeatureFileException error(String problem) {
        return new FeatureFileException(path, problem);
      }

      @Override
      public void requireRoom(long bytes) {
        // The file holds every value, so that is a small multiple of it.
      }

      @Override
      public void requireEnd(ReadableByteChannel channel) {
        // Its size was compared with the header's before.
      }
    };
  }
}
