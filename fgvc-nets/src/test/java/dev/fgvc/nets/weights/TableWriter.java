package dev.fgvc.nets.weights;

import dev.fgvc.file.MaskedCrc32c;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * Writes the tables under TensorFlow's checkpoints with right checksums, so that tests can put
 * anything inside.
 */
final class TableWriter {

  /** One block, as its index names it. */
  record Block(byte[] lastKey, long offset, long size) {}

  private final ByteArrayOutputStream file = new ByteArrayOutputStream();
  private final List<Block> blocks = new ArrayList<>();

  /** A whole table of one block with given entries. */
  static byte[] table(SortedMap<byte[], byte[]> entries) {
    TableWriter writer = new TableWriter();
    writer.block(entries.lastKey(), content(entries), false);
    return writer.finish();
  }

  /** Appends a block of any content. */
  TableWriter block(byte[] lastKey, byte[] content, boolean snappy) {
    blocks.add(append(lastKey, content, snappy));
    return this;
  }

  List<Block> blocks() {
    return blocks;
  }

  byte[] finish() {
    Proto index = new Proto();
    for (Block block : blocks) {
      entry(index, 0, block.lastKey(), handle(block));
    }
    return finish(index.number(0).raw());
  }

  /** Ends the table with an index of any content, the count of restart points included. */
  byte[] finish(byte[] indexContent) {
    Block meta = append(new byte[0], new byte[4], false);
    Block index = append(new byte[0], indexContent, false);
    return footer(meta, index);
  }

  byte[] footer(Block meta, Block index) {
    ByteBuffer footer = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
    footer.put(handle(meta)).put(handle(index)).putLong(40, 0xdb4775248b80fb57L);
    file.writeBytes(footer.array());
    return file.toByteArray();
  }

  static byte[] handle(Block block) {
    return new Proto().varint(block.offset()).varint(block.size()).raw();
  }

  /** Entries without shared prefixes, and no restart points. */
  static byte[] content(Map<byte[], byte[]> entries) {
    Proto content = new Proto();
    entries.forEach((key, value) -> entry(content, 0, key, value));
    return content.number(0).raw();
  }

  static void entry(Proto content, int shared, byte[] rest, byte[] value) {
    content.varint(shared).varint(rest.length).varint(value.length).put(rest).put(value);
  }

  private Block append(byte[] lastKey, byte[] content, boolean snappy) {
    Block block = new Block(lastKey, file.size(), content.length);
    ByteBuffer stored =
        ByteBuffer.allocate(content.length + 5).order(ByteOrder.LITTLE_ENDIAN).put(content);
    stored.put((byte) (snappy ? 1 : 0));
    stored.putInt(MaskedCrc32c.of(stored.duplicate().flip()));
    file.writeBytes(stored.array());
    return block;
  }

  /** Bytes of protocol buffer fields, one after another. */
  static final class Proto {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Proto varint(long value) {
      long rest = value;
      while ((rest & ~0x7fL) != 0) {
        bytes.write((int) (rest & 0x7f | 0x80));
        rest >>>= 7;
      }
      bytes.write((int) rest);
      return this;
    }

    Proto field(int field, long value) {
      return varint(field << 3).varint(value);
    }

    Proto field(int field, Proto message) {
      return field(field, message.raw());
    }

    Proto field(int field, byte[] content) {
      return varint(field << 3 | 2).varint(content.length).put(content);
    }

    Proto fixed32(int field, int value) {
      return varint(field << 3 | 5).number(value);
    }

    Proto put(byte[] content) {
      bytes.writeBytes(content);
      return this;
    }

    /** A little-endian number of four bytes. */
    Proto number(int value) {
      return put(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    }

    byte[] raw() {
      return bytes.toByteArray();
    }
  }
}
