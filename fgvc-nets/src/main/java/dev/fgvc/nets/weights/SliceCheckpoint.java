package dev.fgvc.nets.weights;

import dev.fgvc.file.ProtoReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * TensorFlow's V1 format (tensorflow/core/util/saved_tensor_slice.proto): one or more tables whose
 * first entry describes all others, each of which holds one slice of a variable as a {@code
 * SavedTensorSlices} message.
 */
final class SliceCheckpoint implements CheckpointFormat {

  private static final byte[] META_KEY = {};

  /** A variable and the tables that hold its slices. */
  private record Entry(StoredVariable variable, List<Place> places) {}

  private record Place(SortedTable table, TensorSlice slice) {}

  private final List<SortedTable> tables = new ArrayList<>();
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  private SliceCheckpoint() {}

  static SliceCheckpoint open(List<Path> files) throws IOException {
    SliceCheckpoint checkpoint = new SliceCheckpoint();
    try {
      for (Path file : files) {
        SortedTable table = SortedTable.open(file);
        checkpoint.tables.add(table);
        checkpoint.readMeta(table);
      }
      return checkpoint;
    } catch (IOException | RuntimeException e) {
      checkpoint.close();
      throw e;
    }
  }

  private void readMeta(SortedTable table) throws IOException {
    ByteBuffer value =
        table
            .find(META_KEY)
            .orElseThrow(
                () ->
                    new WeightsFormatException(
                        table.file(), 0, "a description of the slices", "none"));
    ProtoReader message =
        new ProtoReader(
            table.file(), "the description of the slices", value, WeightsFormatException::new);
    while (message.next()) {
      if (message.field() != 1) {
        message.skip();
        continue;
      }
      ProtoReader meta = message.nested("the list of variables");
      while (meta.next()) {
        if (meta.field() == 1) {
          readVariable(table, meta.nested("a variable's description"));
        } else {
          meta.skip();
        }
      }
    }
  }

  /** SavedSliceMeta. */
  private void readVariable(SortedTable table, ProtoReader message) {
    String name = "";
    List<Integer> shape = List.of();
    long type = 0;
    List<Place> places = new ArrayList<>();
    while (message.next()) {
      switch (message.field()) {
        case 1 -> name = message.text();
        case 2 -> shape = StoredVariable.shape(message.nested("the shape of '" + name + "'"));
        case 3 -> type = message.number();
        case 4 ->
            places.add(new Place(table, TensorSlice.read(message.nested("a slice of " + name))));
        default -> message.skip();
      }
    }
    for (Place place : places) {
      if (!place.slice().fits(shape)) {
        throw message.damaged("a slice of '" + name + "' " + shape, place.slice().toString());
      }
    }
    StoredVariable variable = new StoredVariable(name, type, shape);
    Entry entry = entries.computeIfAbsent(name, n -> new Entry(variable, new ArrayList<>()));
    if (!entry.variable().equals(variable)) {
      throw message.damaged(entry.variable() + " as in another shard", variable.toString());
    }
    entry.places().addAll(places);
  }

  @Override
  public Map<String, StoredVariable> variables() {
    Map<String, StoredVariable> variables = new LinkedHashMap<>();
    entries.forEach((name, entry) -> variables.put(name, entry.variable()));
    return variables;
  }

  @Override
  public RawTensor read(StoredVariable variable) throws IOException {
    Path file = tables.get(0).file();
    variable.requireType(file);
    List<StoredVariable.Part> parts = new ArrayList<>();
    for (Place place : entries.get(variable.name()).places()) {
      parts.add(new StoredVariable.Part(place.slice(), slice(variable, place)));
    }
    return variable.join(file, parts);
  }

  private ByteBuffer slice(StoredVariable variable, Place place) throws IOException {
    Path file = place.table().file();
    ByteBuffer value =
        place
            .table()
            .find(place.slice().key(variable.name()))
            .orElseThrow(
                () ->
                    new WeightsFormatException(
                        file,
                        String.format(
                            Locale.ROOT,
                            "expected slice %s of '%s', found none",
                            place.slice(),
                            variable.name())));
    ProtoReader message =
        new ProtoReader(
            file, "a slice of '" + variable.name() + "'", value, WeightsFormatException::new);
    while (message.next()) {
      if (message.field() == 2) {
        return savedSlice(variable, place, message.nested("a slice of '" + variable.name() + "'"));
      }
      message.skip();
    }
    throw message.damaged("the slice's data", "none");
  }

  /** SavedSlice. */
  private static ByteBuffer savedSlice(StoredVariable variable, Place place, ProtoReader message) {
    long wanted = 1;
    for (int side : place.slice().shape(variable.shape())) {
      wanted *= side;
    }
    ByteBuffer data = ByteBuffer.allocate(0);
    while (message.next()) {
      switch (message.field()) {
        case 1 -> {
          String name = message.text();
          if (!name.equals(variable.name())) {
            throw message.damaged("a slice of '" + variable.name() + "'", "one of '" + name + "'");
          }
        }
        case 3 ->
            data =
                TensorProto.values(
                    message.nested("the values of '" + variable.name() + "'"),
                    variable.requireType(place.table().file()),
                    (int) wanted);
        default -> message.skip();
      }
    }
    if (data.remaining() != wanted * variable.requireType(place.table().file()).bytes()) {
      throw message.damaged(wanted + " values", data.remaining() + " bytes");
    }
    return data;
  }

  @Override
  public void close() throws IOException {
    for (SortedTable table : tables) {
      table.close();
    }
  }
}
