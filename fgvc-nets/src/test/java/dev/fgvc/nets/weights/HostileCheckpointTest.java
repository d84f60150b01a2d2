package dev.fgvc.nets.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fgvc.file.MaskedCrc32c;
import dev.fgvc.nets.weights.TableWriter.Block;
import dev.fgvc.nets.weights.TableWriter.Proto;
import dev.fgvc.testing.InOtherLocales;
import dev.fgvc.testing.RandomCases;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints with right checksums and wrong content. */
class HostileCheckpointTest {

  private static final byte[] NO_KEY = {};
  private static final byte[] DATA = floats(1, 2, 3, 4, 5, 6);

  @TempDir private static Path folder;

  private final TreeMap<byte[], byte[]> index = new TreeMap<>(Arrays::compareUnsigned);

  @Test
  @InOtherLocales
  void anHonestBundleIsRead() throws IOException {
    header(1, 0);
    variable("a", 1, 0, 8, 2);
    variable("b", 1, 8, 16, 4, 1);

    try (TensorFlowCheckpoint checkpoint = TensorFlowCheckpoint.open(bundle())) {
      assertThat(checkpoint.tensor("a").toWeights().toArray()).containsExactly(1, 2);
      assertThat(checkpoint.tensor("b").toWeights().toArray()).containsExactly(3, 4, 5, 6);
      assertThat(checkpoint.shape("b")).containsExactly(4, 1);
    }
  }

  @Test
  void aSnappyBlockIsReadWithLiteralsAndCopies() throws IOException {
    String longName = "a".repeat(200);
    header(1, 0);
    variable("a", 1, 0, 8, 2);
    variable(longName, 1, 8, 16, 4);
    byte[] content = TableWriter.content(index);
    byte[] packed = Compressor.compress(content);
    byte[] table = new TableWriter().block(index.lastKey(), packed, true).finish();
    Files.write(folder.resolve("x.index"), table);
    Files.write(folder.resolve("x.data-00000-of-00001"), DATA);

    assertThat(packed.length).isLessThan(content.length);
    try (TensorFlowCheckpoint checkpoint = TensorFlowCheckpoint.open(folder.resolve("x"))) {
      assertThat(checkpoint.tensor(longName).toWeights().toArray()).containsExactly(3, 4, 5, 6);
    }
  }

  @Test
  void refusesASnappyBlockThatClaimsMoreThanItCanHold() throws IOException {
    byte[] bomb = new Proto().varint(1 << 30).put(new byte[40]).raw();
    Files.write(
        folder.resolve("x.index"), new TableWriter().block(new byte[] {1}, bomb, true).finish());

    refuses("a Snappy block");
  }

  @Test
  void refusesPlacesThatOverlapOrLieOutside() throws IOException {
    header(1, 0);
    variable("a", 1, 0, 16, 4);
    variable("b", 1, 8, 8, 2);
    bundle();
    refuses("'b' shares bytes");

    variable("b", 1, 20, 8, 2);
    bundle();
    refuses("8 bytes of 'b' from byte 20");

    variable("b", 1, Long.MAX_VALUE - 3, 8, 2);
    bundle();
    refuses("truncated or damaged");
  }

  @Test
  @InOtherLocales
  void refusesShapesThatNoFileHolds() throws IOException {
    header(1, 0);
    variable("a", 1, 0, 16, 1 << 20, 1 << 20);
    bundle();
    refuses("at most 2^28 values");

    variable("a", 1, 0, 16, -1);
    bundle();
    refuses("-1 along axis 0");

    variable("a", 1, 0, 16, 5);
    bundle();
    refuses("'a' of float32 [5] cannot have 16 bytes");

    long[] deep = new long[300];
    Arrays.fill(deep, 1);
    variable("a", 1, 0, 4, deep);
    bundle();
    refuses("1 along axis 254");
  }

  @Test
  void refusesHeadersOfOtherMachinesAndCounts() throws IOException {
    header(1, 1);
    bundle();
    refuses("little-endian");

    header(2_000_000_000, 0);
    bundle();
    refuses("number of shards");

    index.clear();
    variable("a", 1, 0, 8, 2);
    bundle();
    refuses("expected a header with the number of shards, found none");
  }

  @Test
  void stringsAreListedAndRefusedByName() throws IOException {
    header(1, 0);
    variable("text", 7, 0, 8);
    try (TensorFlowCheckpoint checkpoint = TensorFlowCheckpoint.open(bundle())) {
      assertThat(checkpoint.type("text")).isEmpty();
      assertThatExceptionOfType(WeightsFormatException.class)
          .isThrownBy(() -> checkpoint.tensor("text"))
          .withMessageContaining("'text' is of TensorFlow's type 7 (string)");
    }
  }

  @Test
  void refusesSlicesThatOverlapOrAreMissing() throws IOException {
    header(1, 0);
    Proto whole = entry(1, 0, 0, 4);
    whole.field(7, slice(0, 2)).field(7, slice(1, 3));
    index.put(text("p"), whole.raw());
    TensorSlice first = new TensorSlice(List.of(0L), List.of(2L));
    index.put(first.key("p"), entry(1, 0, 8, 2).raw());
    bundle();
    try (TensorFlowCheckpoint checkpoint = TensorFlowCheckpoint.open(folder.resolve("x"))) {
      assertThatExceptionOfType(WeightsFormatException.class)
          .isThrownBy(() -> checkpoint.tensor("p"))
          .withMessageContaining("found none");
    }
    TensorSlice second = new TensorSlice(List.of(1L), List.of(3L));
    index.put(second.key("p"), entry(1, 8, 12, 3).raw());
    bundle();
    try (TensorFlowCheckpoint checkpoint = TensorFlowCheckpoint.open(folder.resolve("x"))) {
      assertThatExceptionOfType(WeightsFormatException.class)
          .isThrownBy(() -> checkpoint.tensor("p"))
          .withMessageContaining("slices 0 and 1 of [4] overlap");
    }
  }

  @Test
  void refusesIndexesThatRunInCirclesOrBackwards() throws IOException {
    byte[] content = TableWriter.content(index);
    TableWriter twice = new TableWriter().block(text("a"), content, false);
    Block block = twice.blocks().get(0);
    Proto rows = new Proto();
    for (String key : new String[] {"a", "b", "c"}) {
      TableWriter.entry(rows, 0, text(key), TableWriter.handle(block));
    }
    write(twice.finish(rows.number(0).raw()));
    refuses("blocks behind one another");

    // an index that is its own only block: its rows are read as entries, of no use as such
    TableWriter circle = new TableWriter();
    Proto self = new Proto();
    TableWriter.entry(self, 0, text("a"), TableWriter.handle(new Block(NO_KEY, 0, 10)));
    byte[] selfContent = self.number(0).raw();
    circle.block(text("a"), selfContent, false);
    Block only = circle.blocks().get(0);
    assertThat(only.size()).isEqualTo(10);
    write(circle.footer(only, only));
    refuses("");

    TreeMap<byte[], byte[]> backwards = new TreeMap<>((a, b) -> Arrays.compareUnsigned(b, a));
    backwards.put(text("a"), new byte[0]);
    backwards.put(text("b"), new byte[0]);
    write(new TableWriter().block(text("b"), TableWriter.content(backwards), false).finish());
    refuses("keys in ascending order");
  }

  @Test
  void refusesKeysThatGrowByTheirPrefixes() throws IOException {
    Proto content = new Proto();
    TableWriter.entry(content, 0, new byte[60_000], new byte[0]);
    for (int i = 0; i < 10_000; i++) {
      TableWriter.entry(content, 60_000, new byte[] {(byte) (i >> 8), (byte) i}, new byte[0]);
    }
    write(new TableWriter().block(text("z"), content.number(0).raw(), false).finish());

    refuses("an entry that fits its block");
  }

  @Test
  void anyBlockWithARightChecksumIsReadOrRefused() {
    RandomCases.check(
        200,
        random -> {
          byte[] content = new byte[RandomCases.between(random, 0, 200)];
          random.nextBytes(content);
          if (random.nextBoolean()) { // small numbers, as lengths are
            for (int i = 0; i < content.length; i++) {
              content[i] &= 7;
            }
          }
          write(new TableWriter().block(text("zzzz"), content, false).finish());
          openAndReadAll();
        });
  }

  @Test
  void anyDamageUnderARightChecksumIsReadOrRefused() {
    RandomCases.check(
        600,
        random -> {
          byte[] content = slicedContent();
          boolean negative = damage(content, random) < 0;
          boolean packed = negative && random.nextBoolean();
          write(new TableWriter().block(text("z"), content, packed).finish());
          openAndReadAll();
        });
  }

  /** Puts a random byte to a random place and returns it. */
  private static byte damage(byte[] content, Random random) {
    byte value = (byte) RandomCases.between(random, Byte.MIN_VALUE, Byte.MAX_VALUE);
    content[random.nextInt(content.length)] = value;
    return value;
  }

  private byte[] slicedContent() {
    header(1, 0);
    variable("a", 1, 0, 8, 2);
    index.put(text("b"), entry(1, 0, 0, 4).field(7, slice(0, 2)).field(7, slice(2, 2)).raw());
    index.put(new TensorSlice(List.of(0L), List.of(2L)).key("b"), entry(1, 8, 8, 2).raw());
    index.put(new TensorSlice(List.of(2L), List.of(2L)).key("b"), entry(1, 16, 8, 2).raw());
    return TableWriter.content(index);
  }

  @Test
  void anyDamageOfAnOldFormatIsReadOrRefused() throws IOException {
    Path file = folder.resolve("v1.ckpt");
    write(file, oldContent());
    try (TensorFlowCheckpoint checkpoint = TensorFlowCheckpoint.open(file)) {
      assertThat(checkpoint.tensor("v").toWeights().toArray()).containsExactly(7, 8, 9);
    }
    RandomCases.check(
        400,
        random -> {
          byte[] content = oldContent();
          damage(content, random);
          write(file, content);
          openAndReadAll(file);
        });
  }

  private static void write(Path file, byte[] content) throws IOException {
    Files.write(file, new TableWriter().block(text("z"), content, false).finish());
  }

  /** A checkpoint of TensorFlow's first format with one variable. */
  private byte[] oldContent() {
    Proto meta =
        new Proto()
            .field(1, text("v"))
            .field(2, new Proto().field(2, new Proto().field(1, 3)))
            .field(3, 1)
            .field(4, slice(0, -1));
    TensorSlice full = new TensorSlice(List.of(0L), List.of(-1L));
    Proto tensor = new Proto().field(1, 1).field(5, floats(7, 8, 9));
    Proto data = new Proto().field(1, text("v")).field(2, slice(0, -1)).field(3, tensor);
    index.clear();
    index.put(NO_KEY, new Proto().field(1, new Proto().field(1, meta)).raw());
    index.put(full.key("v"), new Proto().field(2, data).raw());
    return TableWriter.content(index);
  }

  private static void openAndReadAll() {
    openAndReadAll(folder.resolve("x"));
  }

  /** Whatever the content, it must not cost more memory than a few of its sizes. */
  private static void openAndReadAll(Path path) {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    try (TensorFlowCheckpoint checkpoint = TensorFlowCheckpoint.open(path)) {
      for (String name : checkpoint.names()) {
        checkpoint.tensor(name);
      }
    } catch (WeightsFormatException e) {
      assertThat(e).hasMessageContaining(folder.toString());
    } catch (IOException e) { // another number of shards, whose files are not there
      assertThat(e).hasMessageContaining(".data-");
    }
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(4L << 20);
  }

  private static void refuses(String problem) {
    assertThatExceptionOfType(WeightsFormatException.class)
        .isThrownBy(() -> TensorFlowCheckpoint.open(folder.resolve("x")).close())
        .withMessageContaining("x.")
        .withMessageContaining(problem);
  }

  private void header(long shards, long endianness) {
    index.put(NO_KEY, new Proto().field(1, shards).field(2, endianness).raw());
  }

  private void variable(String name, int type, long offset, long size, long... shape) {
    index.put(text(name), entry(type, offset, size, shape).raw());
  }

  private static Proto entry(int type, long offset, long size, long... shape) {
    Proto sides = new Proto();
    for (long side : shape) {
      sides.field(2, new Proto().field(1, side));
    }
    ByteBuffer data = ByteBuffer.wrap(DATA);
    boolean inside = offset >= 0 && offset + size <= DATA.length && offset + size >= 0;
    int checksum = inside ? MaskedCrc32c.of(data.slice((int) offset, (int) size)) : 0;
    return new Proto()
        .field(1, type)
        .field(2, sides)
        .field(4, offset)
        .field(5, size)
        .fixed32(6, checksum);
  }

  private static Proto slice(long start, long length) {
    Proto extent = new Proto();
    if (length >= 0) {
      extent.field(1, start).field(2, length);
    }
    return new Proto().field(1, extent);
  }

  private Path bundle() {
    write(TableWriter.table(index));
    return folder.resolve("x");
  }

  private static void write(byte[] table) {
    try {
      Files.write(folder.resolve("x.index"), table);
      Files.write(folder.resolve("x.data-00000-of-00001"), DATA);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }

  /** A plain Snappy compressor: runs of one byte become copies, all else literals. */
  private static final class Compressor {

    static byte[] compress(byte[] content) {
      Proto packed = new Proto().varint(content.length);
      int at = 0;
      while (at < content.length) {
        int run = 1;
        while (at + run < content.length && run < 61 && content[at + run] == content[at]) {
          run++;
        }
        packed.put(new byte[] {0, content[at]}); // a literal of one byte
        if (run > 4) {
          packed.put(new byte[] {(byte) (run - 2 << 2 | 2), 1, 0}); // a copy from one byte before
          at += run;
        } else {
          at++;
        }
      }
      return packed.raw();
    }
  }
}
