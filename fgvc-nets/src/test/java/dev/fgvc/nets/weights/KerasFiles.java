package dev.fgvc.nets.weights;

import dev.fgvc.nets.arch.Architecture;
import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Array;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes weights as Keras lays them out in HDF5, with the names that Keras gives: its own numbers
 * start anywhere, and the groups of Keras 3 count the layers of a class in another order than their
 * names do.
 */
final class KerasFiles {

  private static final List<String> ORDER =
      List.of("kernel", "bias", "gamma", "beta", "moving_mean", "moving_variance");

  /** Class and place in the model's order, such as conv2d@52, of layers by Keras' name. */
  private final Map<String, String> places = new HashMap<>();

  /** Layers by Keras' name, each with its variables by name. */
  private final Map<String, Map<String, WeightTensor>> layers = new LinkedHashMap<>();

  private KerasFiles() {}

  /** The layers of a network, under the names of Keras. */
  static KerasFiles of(Architecture architecture, Weights weights) throws IOException {
    KerasFiles files = new KerasFiles();
    NameTable table = NameTable.load("keras", architecture);
    Map<String, String> theirs = table.theirs();
    for (String name : weights.names()) {
      String[] parts = theirs.get(name).split("/");
      WeightTensor tensor = weights.tensor(name);
      if (parts[0].equals("predictions") && tensor.shape().size() == 4) {
        tensor = WeightTensor.of(tensor.shape().subList(2, 4), tensor.toArray());
      }
      String[] counted = parts[0].split("#");
      String layer =
          counted.length < 2 ? parts[0] : counted[0] + "_" + (Integer.parseInt(counted[1]) + 93);
      files.places.put(layer, table.places().getOrDefault(name, "dense@1/").split("/")[0]);
      files.layers.computeIfAbsent(layer, l -> new TreeMap<>()).put(parts[1], tensor);
    }
    return files;
  }

  /** A copy without the layers that do not pass. */
  KerasFiles only(Predicate<String> layer) {
    KerasFiles copy = new KerasFiles();
    copy.places.putAll(places);
    layers.forEach(
        (name, variables) -> {
          if (layer.test(name)) {
            copy.layers.put(name, variables);
          }
        });
    return copy;
  }

  KerasFiles renamed(String from, String to) {
    KerasFiles copy = new KerasFiles();
    copy.places.putAll(places);
    copy.places.put(to, places.get(from));
    layers.forEach((name, variables) -> copy.layers.put(name.equals(from) ? to : name, variables));
    return copy;
  }

  /** Part of a file: layers in a group, such as those of a nested model. */
  record Placed(String group, KerasFiles layers) {}

  /**
   * Writes a file as {@code save_weights("x.weights.h5")} of Keras 3 does.
   *
   * @param named which layers get their name
   */
  static Path weights(Path file, Predicate<String> named, Placed... parts) throws IOException {
    try (WritableHdfFile hdf = HdfFile.write(file)) {
      Map<String, WritableGroup> groups = new HashMap<>();
      for (Placed part : parts) {
        part.layers()
            .layers
            .forEach(
                (layer, variables) -> {
                  String[] place = part.layers().places.get(layer).split("@");
                  int before = Integer.parseInt(place[1]) - 1;
                  String path = part.group() + place[0] + (before == 0 ? "" : "_" + before);
                  WritableGroup group = group(hdf, groups, path + "/vars");
                  if (named.test(layer)) {
                    group.putAttribute("name", layer);
                  }
                  int position = 0;
                  for (String variable : ORDER) {
                    if (variables.containsKey(variable)) {
                      group.putDataset(
                          Integer.toString(position++), array(variables.get(variable)));
                    }
                  }
                });
      }
    }
    return file;
  }

  /**
   * Writes a file as {@code model.save("x.h5")} does; layers of the outermost model lie in groups
   * of their name.
   */
  static Path model(Path file, Placed... parts) throws IOException {
    return model(file, "", parts);
  }

  /**
   * Writes a file as {@code model.save("x.h5")} or {@code save_weights("x.h5")} does.
   *
   * @param suffix after the names of variables; Keras 2 writes ":0"
   */
  static Path model(Path file, String suffix, Placed... parts) throws IOException {
    try (WritableHdfFile hdf = HdfFile.write(file)) {
      Map<String, WritableGroup> groups = new HashMap<>();
      for (Placed part : parts) {
        part.layers()
            .layers
            .forEach(
                (layer, variables) -> {
                  String outer =
                      Set.of("", "model_weights/").contains(part.group()) ? layer + "/" : "";
                  WritableGroup group = group(hdf, groups, part.group() + outer + layer);
                  variables.forEach(
                      (name, tensor) -> group.putDataset(name + suffix, array(tensor)));
                });
      }
    }
    return file;
  }

  /** Writes an archive as {@code model.save("x.keras")} does. */
  static Path zip(Path file, Map<String, byte[]> entries) throws IOException {
    try (OutputStream stream = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(stream)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue());
        zip.closeEntry();
      }
    }
    return file;
  }

  private static WritableGroup group(
      WritableGroup root, Map<String, WritableGroup> groups, String path) {
    int end = path.lastIndexOf('/');
    WritableGroup parent = end < 0 ? root : groups.get(path.substring(0, end));
    if (parent == null) {
      parent = group(root, groups, path.substring(0, end));
    }
    WritableGroup known = groups.get(path);
    if (known == null) {
      known = parent.putGroup(path.substring(end + 1));
      groups.put(path, known);
    }
    return known;
  }

  private static Object array(WeightTensor tensor) {
    return array(tensor.toArray(), tensor.shape(), 0, 0);
  }

  private static Object array(float[] values, List<Integer> shape, int axis, int offset) {
    int side = shape.get(axis);
    if (axis == shape.size() - 1) {
      return Arrays.copyOfRange(values, offset * side, (offset + 1) * side);
    }
    int[] sides = shape.stream().skip(axis).mapToInt(Integer::intValue).toArray();
    Object result = Array.newInstance(float.class, sides);
    for (int i = 0; i < side; i++) {
      Array.set(result, i, array(values, shape, axis + 1, offset * side + i));
    }
    return result;
  }
}
