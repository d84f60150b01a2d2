package dev.fgvc.nets.weights;

import dev.fgvc.file.MaskedCrc32c;
import dev.fgvc.file.ProtoReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * TensorFlow's V2 format (tensorflow/core/util/tensor_bundle): an index table, name to {@code
 * BundleEntryProto}, and data shards that hold the bytes of one variable after another.
 */
final class BundleCheckpoint implements CheckpointFormat {

  private static final int MAX_SHARDS = 100_000;

  /** BundleEntryProto. */
  private record Entry(
      StoredVariable variable,
      int shard,
      long offset,
      long size,
      int checksum,
      List<TensorSlice> slices) {}

  private final Path index;
  private final Map<String, Entry> whole = new LinkedHashMap<>();

  /** Entries of slices, by the key of name and slice, one character a byte. */
  private final Map<String, Entry> parts = new HashMap<>();

  private final List<FileBytes> shards = new ArrayList<>();

  private BundleCheckpoint(Path index) {
    this.index = index;
  }

  static BundleCheckpoint open(Path prefix) throws IOException {
    Path index = prefix.resolveSibling(prefix.getFileName() + ".index");
    BundleCheckpoint checkpoint = new BundleCheckpoint(index);
    try {
      int shards;
      try (SortedTable table = SortedTable.open(index)) {
        shards = checkpoint.readIndex(table);
      }
      for (int i = 0; i < shards; i++) {
        String name =
            String.format(Locale.ROOT, "%s.data-%05d-of-%05d", prefix.getFileName(), i, shards);
        checkpoint.shards.add(FileBytes.open(prefix.resolveSibling(name)));
      }
      checkpoint.requirePlaces();
      return checkpoint;
    } catch (IOException | RuntimeException e) {
      checkpoint.close();
      throw e;
    }
  }

  private int readIndex(SortedTable table) throws IOException {
    int shards = -1;
    for (SortedTable.Entry row : table.entries()) {
      byte[] key = row.key();
      if (key.length == 0) {
        shards =
            header(new ProtoReader(index, "the header", row.value(), WeightsFormatException::new));
      } else if (key[0] == 0) {
        parts.put(
            new String(key, StandardCharsets.ISO_8859_1), entry("a slice's entry", row.value()));
      } else {
        String name = new String(key, StandardCharsets.UTF_8);
        whole.put(name, entry(name, row.value()));
      }
    }
    if (shards < 1 || shards > MAX_SHARDS) {
      throw new WeightsFormatException(
          index, 0, "a header with the number of shards", shards < 0 ? "none" : "" + shards);
    }
    return shards;
  }

  private static int header(ProtoReader message) {
    long shards = 0;
    while (message.next()) {
      switch (message.field()) {
        case 1 -> shards = message.number();
        case 2 -> {
          if (message.number() != 0) {
            throw message.damaged("little-endian data", "big-endian data");
          }
        }
        default -> message.skip();
      }
    }
    return (int) Math.max(0, Math.min(shards, Integer.MAX_VALUE));
  }

  private Entry entry(String name, ByteBuffer value) {
    ProtoReader message =
        new ProtoReader(index, "the entry of '" + name + "'", value, WeightsFormatException::new);
    long type = 0;
    List<Integer> shape = List.of();
    long shard = 0;
    long offset = 0;
    long size = 0;
    int checksum = 0;
    List<TensorSlice> slices = new ArrayList<>();
    while (message.next()) {
      switch (message.field()) {
        case 1 -> type = message.number();
        case 2 -> shape = StoredVariable.shape(message.nested("the shape of '" + name + "'"));
        case 3 -> shard = message.number();
        case 4 -> offset = message.number();
        case 5 -> size = message.number();
        case 6 -> checksum = message.fixed32();
        case 7 -> slices.add(TensorSlice.read(message.nested("a slice of '" + name + "'")));
        default -> message.skip();
      }
    }
    if (shard < 0 || shard > MAX_SHARDS || offset < 0 || size < 0) {
      throw message.damaged(
          "a place in a shard",
          String.format(Locale.ROOT, "%d + %d in shard %d", offset, size, shard));
    }
    return new Entry(
        new StoredVariable(name, type, shape), (int) shard, offset, size, checksum, slices);
  }

  /** Refuses places outside the shards, of a wrong size, or shared by two variables. */
  private void requirePlaces() {
    List<Entry> stored = new ArrayList<>(parts.values());
    whole.values().stream().filter(entry -> entry.slices().isEmpty()).forEach(stored::add);
    stored.sort(Comparator.comparingInt(Entry::shard).thenComparingLong(Entry::offset));
    int shard = -1;
    long end = 0;
    for (Entry entry : stored) {
      StoredVariable variable = entry.variable();
      if (entry.shard() >= shards.size()) {
        throw new WeightsFormatException(
            index,
            String.format(
                Locale.ROOT,
                "'%s' lies in shard %d of %d",
                variable.name(),
                entry.shard(),
                shards.size()));
      }
      FileBytes file = shards.get(entry.shard());
      end = entry.shard() == shard ? end : 0;
      shard = entry.shard();
      if (entry.size() > file.size() - entry.offset()) {
        throw new WeightsFormatException(
            file.file(),
            Math.min(entry.offset(), file.size()),
            String.format(
                Locale.ROOT,
                "%d bytes of '%s' from byte %d",
                entry.size(),
                variable.name(),
                entry.offset()),
            "a file of " + file.size() + " bytes; it is truncated or damaged");
      }
      if (entry.offset() < end) {
        throw new WeightsFormatException(
            index, "'" + variable.name() + "' shares bytes with another variable");
      }
      end = entry.offset() + entry.size();
      variable
          .type()
          .filter(type -> entry.size() != variable.values() * type.bytes())
          .ifPresent(
              type -> {
                throw new WeightsFormatException(
                    index,
                    String.format(
                        Locale.ROOT,
                        "'%s' of %s %s cannot have %d bytes",
                        variable.name(),
                        type,
                        variable.shape(),
                        entry.size()));
              });
    }
  }

  @Override
  public Map<String, StoredVariable> variables() {
    Map<String, StoredVariable> variables = new LinkedHashMap<>();
    whole.forEach((name, entry) -> variables.put(name, entry.variable()));
    return variables;
  }

  @Override
  public RawTensor read(StoredVariable variable) throws IOException {
    variable.requireType(index);
    Entry entry = whole.get(variable.name());
    if (entry.slices().isEmpty()) {
      return new RawTensor(variable.requireType(index), variable.shape(), bytes(entry));
    }
    List<StoredVariable.Part> found = new ArrayList<>();
    for (TensorSlice slice : entry.slices()) {
      found.add(new StoredVariable.Part(slice, bytes(part(variable, slice))));
    }
    return variable.join(index, found);
  }

  private Entry part(StoredVariable variable, TensorSlice slice) {
    String key = new String(slice.key(variable.name()), StandardCharsets.ISO_8859_1);
    Entry part = parts.get(key);
    if (part == null
        || !slice.fits(variable.shape())
        || part.variable().typeCode() != variable.typeCode()
        || !part.variable().shape().equals(slice.shape(variable.shape()))) {
      throw new WeightsFormatException(
          index,
          String.format(
              Locale.ROOT,
              "'%s' of %s: expected an entry for its slice %s, found %s",
              variable.name(),
              variable.shape(),
              slice,
              part == null ? "none" : "one of shape " + part.variable().shape()));
    }
    return part;
  }

  private ByteBuffer bytes(Entry entry) throws IOException {
    FileBytes file = shards.get(entry.shard());
    String name = entry.variable().name();
    ByteBuffer bytes = file.read(entry.offset(), entry.size(), "'" + name + "'");
    int actual = MaskedCrc32c.of(bytes);
    if (actual != entry.checksum()) {
      throw new WeightsFormatException(
          file.file(),
          entry.offset(),
          String.format(Locale.ROOT, "'%s' with checksum %08x", name, entry.checksum()),
          String.format(Locale.ROOT, "%08x; the file is damaged", actual));
    }
    return bytes;
  }

  @Override
  public void close() throws IOException {
    for (FileBytes shard : shards) {
      shard.close();
    }
  }
}
