package dev.fgvc.data;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;

/** Tells data sets apart by what their files hold. */
final class ImageContents {

  /** Bytes of each of the three blocks that are read of a file that is longer than all of them. */
  static final int BLOCK = 16 << 10;

  private static final int BLOCKS = 3;
  private static final byte[] UNREADABLE = "unreadable".getBytes(StandardCharsets.US_ASCII);

  private ImageContents() {}

  /** Class names, then name, label and content of each image, in the order of the data set. */
  static String hash(Dataset dataset) {
    byte[][] contents = new byte[dataset.size()][];
    IntStream.range(0, contents.length)
        .parallel()
        .forEach(i -> contents[i] = content(dataset.path(i)));
    Hasher all = Hashing.sha256().newHasher();
    for (String name : dataset.classNames()) {
      all.putInt(name.length()).putUnencodedChars(name);
    }
    for (int i = 0; i < contents.length; i++) {
      String name = String.valueOf(dataset.path(i).getFileName());
      all.putInt(name.length()).putUnencodedChars(name);
      all.putInt(dataset.images().get(i).label());
      all.putInt(contents[i].length).putBytes(contents[i]);
    }
    return all.hash().toString();
  }

  private static byte[] content(Path file) {
    Hasher hasher = Hashing.sha256().newHasher();
    try (SeekableByteChannel channel = Files.newByteChannel(file)) {
      long length = channel.size();
      hasher.putLong(length);
      if (length <= (long) BLOCKS * BLOCK) {
        putBlock(channel, 0, (int) length, hasher);
      } else {
        putBlock(channel, 0, BLOCK, hasher);
        putBlock(channel, (length - BLOCK) / 2, BLOCK, hasher);
        putBlock(channel, length - BLOCK, BLOCK, hasher);
      }
    } catch (IOException e) {
      return UNREADABLE;
    }
    return hasher.hash().asBytes();
  }

  private static void putBlock(SeekableByteChannel channel, long start, int length, Hasher hasher)
      throws IOException {
    ByteBuffer block = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    channel.position(start);
    while (block.hasRemaining() && channel.read(block) >= 0) {
      // A read may give less than is asked for.
    }
    hasher.putBytes(block.flip());
  }
}
