package dev.fgvc.nets.backbone;

import static com.google.common.base.Strings.lenientFormat;

import dev.fgvc.file.ProtoReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The parts of an ONNX file that are checked (onnx.proto3 of ONNX 1.23) before ONNX Runtime gets
 * it: the versions, and the files that its weights lie in. Weights are passed over, so time and
 * memory are small whatever the model's size.
 */
final class OnnxModelFile {

  /** Graphs inside loops and conditions; deeper ones are no model. */
  private static final int MOST_DEPTH = 32;

  /** The value of a TensorProto's data_location that stands for a file of its own. */
  private static final int EXTERNAL = 1;

  private final Path file;
  private final Map<String, Long> opsets = new TreeMap<>();
  private final Map<String, Path> externalFiles = new TreeMap<>();
  private long irVersion;
  private boolean hasGraph;

  private OnnxModelFile(Path file) {
    this.file = file;
  }

  /**
   * Reads and checks a model's structure.
   *
   * @throws IOException if the file cannot be read
   * @throws BackboneFormatException if it is no ONNX model, or a file with weights is missing, too
   *     short or outside the model's folder
   */
  static OnnxModelFile read(Path file) throws IOException {
    OnnxModelFile model = new OnnxModelFile(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() > Integer.MAX_VALUE) {
        throw new BackboneFormatException(
            file,
            channel.size()
                + " bytes are more than the 2 GiB of a protocol buffer: export with external data");
      }
      ByteBuffer bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
      model.readModel(new ProtoReader(file, "the ONNX model", bytes, BackboneFormatException::new));
    }
    if (!model.hasGraph || model.irVersion == 0) {
      throw new BackboneFormatException(file, "expected an ONNX model, found no graph in it");
    }
    return model;
  }

  /** The file and those with its weights, in a fixed order. */
  List<Path> files() {
    List<Path> files = new ArrayList<>();
    files.add(file);
    files.addAll(externalFiles.values());
    return files;
  }

  /** Such as {@code IR version 10, opset 20}. */
  String versions() {
    StringBuilder text = new StringBuilder("IR version " + irVersion);
    opsets.forEach(
        (domain, version) ->
            text.append(", opset ").append(domain.isEmpty() ? "" : domain + " ").append(version));
    return text.toString();
  }

  private void readModel(ProtoReader model) throws IOException {
    while (model.next()) {
      switch (model.field()) {
        case 1 -> irVersion = model.number();
        case 7 -> {
          hasGraph = true;
          readGraph(model.nested("the graph"), 0);
        }
        case 8 -> readOpset(model.nested("an opset"));
        case 25 -> readFunction(model.nested("a function"));
        default -> model.skip();
      }
    }
  }

  private void readOpset(ProtoReader opset) {
    String domain = "";
    long version = 0;
    while (opset.next()) {
      switch (opset.field()) {
        case 1 -> domain = opset.text();
        case 2 -> version = opset.number();
        default -> opset.skip();
      }
    }
    opsets.put(domain.equals("ai.onnx") ? "" : domain, version);
  }

  private void readFunction(ProtoReader function) throws IOException {
    while (function.next()) {
      if (function.field() == 7) {
        readNode(function.nested("a function's node"), 0);
      } else {
        function.skip();
      }
    }
  }

  private void readGraph(ProtoReader graph, int depth) throws IOException {
    if (depth > MOST_DEPTH) {
      throw graph.damaged("graphs nested at most " + MOST_DEPTH + " deep", "more");
    }
    while (graph.next()) {
      switch (graph.field()) {
        case 1 -> readNode(graph.nested("a node"), depth);
        case 5 -> readTensor(graph.nested("an initializer"));
        case 15 -> readSparse(graph.nested("a sparse initializer"));
        default -> graph.skip();
      }
    }
  }

  private void readNode(ProtoReader node, int depth) throws IOException {
    while (node.next()) {
      if (node.field() == 5) {
        readAttribute(node.nested("an attribute"), depth);
      } else {
        node.skip();
      }
    }
  }

  private void readAttribute(ProtoReader attribute, int depth) throws IOException {
    while (attribute.next()) {
      switch (attribute.field()) {
        case 5, 10 -> readTensor(attribute.nested("an attribute's tensor"));
        case 6, 11 -> readGraph(attribute.nested("an attribute's graph"), depth + 1);
        case 22, 23 -> readSparse(attribute.nested("an attribute's sparse tensor"));
        default -> attribute.skip();
      }
    }
  }

  private void readSparse(ProtoReader sparse) throws IOException {
    while (sparse.next()) {
      switch (sparse.field()) {
        case 1, 2 -> readTensor(sparse.nested("a sparse tensor's part"));
        default -> sparse.skip();
      }
    }
  }

  private void readTensor(ProtoReader tensor) throws IOException {
    String name = "";
    boolean external = false;
    Map<String, String> data = new TreeMap<>();
    while (tensor.next()) {
      switch (tensor.field()) {
        case 8 -> name = tensor.text();
        case 13 -> readEntry(tensor.nested("a place of external data"), data);
        case 14 -> external = tensor.number() == EXTERNAL;
        default -> tensor.skip();
      }
    }
    if (external) {
      requireExternal(name, data);
    }
  }

  private static void readEntry(ProtoReader entry, Map<String, String> data) {
    String key = "";
    String value = "";
    while (entry.next()) {
      switch (entry.field()) {
        case 1 -> key = entry.text();
        case 2 -> value = entry.text();
        default -> entry.skip();
      }
    }
    data.put(key, value);
  }

  private void requireExternal(String tensor, Map<String, String> data) throws IOException {
    String location = data.getOrDefault("location", "");
    Path external = externalFiles.get(location);
    if (external == null) {
      external = inFolder(tensor, location);
      externalFiles.put(location, external);
    }
    long offset = number(tensor, data, "offset");
    long length = number(tensor, data, "length");
    long size = Files.size(external);
    if (offset > size || length > size - offset) {
      throw new BackboneFormatException(
          file,
          lenientFormat(
              "tensor '%s' lies at bytes %s to %s of %s, which has %s bytes: it is truncated or of"
                  + " another export",
              tensor, offset, offset + length, external, size));
    }
  }

  private long number(String tensor, Map<String, String> data, String key) {
    try {
      long value = Long.parseLong(data.getOrDefault(key, "0"));
      if (value >= 0 && value <= Long.MAX_VALUE / 2) {
        return value;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new BackboneFormatException(
        file, lenientFormat("tensor '%s': its data have the %s '%s'", tensor, key, data.get(key)));
  }

  /** A file of weights may not leave the model's folder, by its name or by a symbolic link. */
  private Path inFolder(String tensor, String location) throws IOException {
    Path folder = file.toAbsolutePath().normalize().getParent();
    Path external;
    try {
      external = folder.resolve(location).normalize();
    } catch (InvalidPathException e) {
      throw new BackboneFormatException(
          file, lenientFormat("tensor '%s': its file '%s' is no path", tensor, location), e);
    }
    String where = "tensor '" + tensor + "': its file '" + location + "' ";
    if (location.isEmpty() || external.equals(folder) || !external.startsWith(folder)) {
      throw new BackboneFormatException(file, where + "is not inside the model's folder");
    }
    if (!Files.isRegularFile(external)) {
      throw new BackboneFormatException(
          file, where + "is missing: put it beside the model, as the export wrote it");
    }
    Path real = external.toRealPath();
    if (!real.startsWith(folder.toRealPath())) {
      throw new BackboneFormatException(
          file, where + "is a link to " + real + ", outside the model's folder: copy it there");
    }
    return external;
  }
}
