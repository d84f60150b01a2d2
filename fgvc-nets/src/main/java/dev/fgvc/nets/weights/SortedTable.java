package dev.fgvc.nets.weights;

import dev.fgvc.file.MaskedCrc32c;
import dev.fgvc.file.ProtoReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The table of sorted keys and values under both of TensorFlow's checkpoint formats
 * (tensorflow/core/lib/io/table_format.txt, which is LevelDB's): blocks of prefix-compressed
 * entries, an index block that gives each block's place and last key, and a footer. Checksums,
 * order and the places of blocks are verified, so a damaged table is noticed before its content is
 * used.
 */
final class SortedTable implements AutoCloseable {

  private static final int FOOTER_SIZE = 48;
  private static final long MAGIC = 0xdb4775248b80fb57L;

  /** A block's compression code and checksum, which follow its data. */
  private static final int TRAILER_SIZE = 5;

  /**
   * Bound on the summed length of all keys of one table: prefix compression could otherwise declare
   * far more than the file holds. Ten thousand variables take about one of these 32 MiB.
   */
  private static final long MAX_KEY_BYTES = 1L << 25;

  /** Bound on the entries of one block, likewise: an entry takes three bytes in a file. */
  private static final int MAX_ENTRIES = 1 << 18;

  private final FileBytes bytes;
  private final List<IndexEntry> index;

  /** Which block was decoded last, and its entries by key. */
  private int decoded = -1;

  private final Map<ByteBuffer, ByteBuffer> found = new HashMap<>();

  /** One key and its value. */
  record Entry(byte[] key, ByteBuffer value) {}

  private record Handle(long offset, long size) {}

  private record IndexEntry(byte[] lastKey, Handle block) {}

  private SortedTable(FileBytes bytes, List<IndexEntry> index) {
    this.bytes = bytes;
    this.index = index;
  }

  static SortedTable open(Path file) throws IOException {
    FileBytes bytes = FileBytes.open(file);
    try {
      return new SortedTable(bytes, index(bytes));
    } catch (IOException | RuntimeException e) {
      bytes.close();
      throw e;
    }
  }

  Path file() {
    return bytes.file();
  }

  /** All entries, in ascending order of their keys. */
  List<Entry> entries() throws IOException {
    List<Entry> all = new ArrayList<>();
    long keyBytes = 0;
    byte[] last = null;
    for (IndexEntry entry : index) {
      List<Entry> block = entries(bytes, entry.block(), MAX_KEY_BYTES - keyBytes);
      for (Entry next : block) {
        if (last != null && Arrays.compareUnsigned(last, next.key()) >= 0) {
          throw damaged(bytes, entry.block().offset(), "keys in ascending order", "another order");
        }
        last = next.key();
        keyBytes += last.length;
      }
      all.addAll(block);
    }
    return all;
  }

  /** The value of one key; neighbours lie in one block, which is decoded once for all of them. */
  Optional<ByteBuffer> find(byte[] key) throws IOException {
    int at = firstBlockUpTo(key);
    if (at == index.size()) {
      return Optional.empty();
    }
    if (at != decoded) {
      found.clear();
      for (Entry entry : entries(bytes, index.get(at).block(), MAX_KEY_BYTES)) {
        found.putIfAbsent(ByteBuffer.wrap(entry.key()), entry.value());
      }
      decoded = at;
    }
    return Optional.ofNullable(found.get(ByteBuffer.wrap(key))).map(ByteBuffer::duplicate);
  }

  /** The first block whose last key is not before the given one, by halving. */
  private int firstBlockUpTo(byte[] key) {
    int from = 0;
    int to = index.size();
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (Arrays.compareUnsigned(index.get(middle).lastKey(), key) < 0) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from;
  }

  @Override
  public void close() throws IOException {
    bytes.close();
  }

  private static List<IndexEntry> index(FileBytes bytes) throws IOException {
    long footerAt = bytes.size() - FOOTER_SIZE;
    if (footerAt < 0) {
      throw damaged(
          bytes,
          0,
          "a table's footer of " + FOOTER_SIZE + " bytes",
          bytes.size() + " bytes in all");
    }
    ByteBuffer footer = bytes.read(footerAt, FOOTER_SIZE, "a table's footer");
    long magic = footer.getLong(FOOTER_SIZE - 8);
    if (magic != MAGIC) {
      throw damaged(
          bytes,
          footerAt + FOOTER_SIZE - 8,
          "the number that ends a TensorFlow checkpoint's table",
          "0x"
              + Long.toHexString(magic)
              + "; is it a checkpoint, and whole?"
              + FileKind.hint(bytes.file()));
    }
    ByteBuffer handles = footer.slice(0, FOOTER_SIZE - 8);
    handle(bytes, footerAt, handles); // of the meta index, which TensorFlow leaves empty
    Handle indexBlock = handle(bytes, footerAt, handles);

    List<IndexEntry> index = new ArrayList<>();
    long end = 0;
    for (Entry entry : entries(bytes, indexBlock, MAX_KEY_BYTES)) {
      Handle block = handle(bytes, indexBlock.offset(), entry.value());
      if (block.offset() < end) {
        throw damaged(
            bytes, indexBlock.offset(), "blocks behind one another", "two that share bytes");
      }
      end = block.offset() + block.size() + TRAILER_SIZE;
      index.add(new IndexEntry(entry.key(), block));
    }
    return index;
  }

  private static Handle handle(FileBytes bytes, long at, ByteBuffer encoded) {
    long offset = ProtoReader.varint(encoded).orElse(-1);
    long size = ProtoReader.varint(encoded).orElse(-1);
    if (offset < 0 || size < 0 || offset > bytes.size() || size > bytes.size() - offset) {
      throw damaged(
          bytes,
          at,
          "the place of a block within " + bytes.size() + " bytes",
          offset + " + " + size);
    }
    return new Handle(offset, size);
  }

  private static List<Entry> entries(FileBytes bytes, Handle handle, long maxKeyBytes)
      throws IOException {
    ByteBuffer block = block(bytes, handle);
    int size = block.remaining();
    int restarts = size < 4 ? -1 : block.getInt(size - 4);
    if (restarts < 0 || restarts > (size - 4) / 4) {
      throw damaged(bytes, handle.offset(), "a block's restart points", "a count of " + restarts);
    }
    block.limit(size - 4 - 4 * restarts);
    List<Entry> entries = new ArrayList<>();
    byte[] key = {};
    long keyBytes = 0;
    while (block.hasRemaining()) {
      long shared = ProtoReader.varint(block).orElse(-1);
      long fresh = ProtoReader.varint(block).orElse(-1);
      long value = ProtoReader.varint(block).orElse(-1);
      keyBytes += shared + fresh;
      if (shared < 0
          || shared > key.length
          || fresh < 0
          || value < 0
          || fresh > block.remaining()
          || value > block.remaining() - fresh
          || keyBytes > maxKeyBytes
          || entries.size() == MAX_ENTRIES) {
        throw damaged(
            bytes,
            handle.offset(),
            "an entry that fits its block of " + size + " bytes",
            String.format(
                Locale.ROOT,
                "after %d entries a key of %d + %d and a value of %d bytes",
                entries.size(),
                shared,
                fresh,
                value));
      }
      key = Arrays.copyOf(key, (int) (shared + fresh));
      block.get(key, (int) shared, (int) fresh);
      entries.add(
          new Entry(
              key, block.slice(block.position(), (int) value).order(ByteOrder.LITTLE_ENDIAN)));
      block.position(block.position() + (int) value);
    }
    return entries;
  }

  private static ByteBuffer block(FileBytes bytes, Handle handle) throws IOException {
    ByteBuffer stored = bytes.read(handle.offset(), handle.size() + TRAILER_SIZE, "a block");
    int size = stored.remaining() - TRAILER_SIZE;
    int wanted = stored.getInt(size + 1);
    int actual = MaskedCrc32c.of(stored.slice(0, size + 1));
    if (wanted != actual) {
      throw damaged(
          bytes,
          handle.offset(),
          String.format(Locale.ROOT, "a block with checksum %08x", wanted),
          String.format(Locale.ROOT, "%08x; the file is damaged", actual));
    }
    int compression = stored.get(size);
    ByteBuffer content = stored.slice(0, size).order(ByteOrder.LITTLE_ENDIAN);
    return switch (compression) {
      case 0 -> content;
      case 1 ->
          Snappy.decompress(content)
              .orElseThrow(
                  () -> damaged(bytes, handle.offset(), "a Snappy block", "something else"));
      default ->
          throw damaged(
              bytes,
              handle.offset() + size,
              "compression 0 (none) or 1 (Snappy)",
              "" + compression);
    };
  }

  private static WeightsFormatException damaged(
      FileBytes bytes, long offset, String expected, String found) {
    return new WeightsFormatException(bytes.file(), offset, expected, found);
  }
}
