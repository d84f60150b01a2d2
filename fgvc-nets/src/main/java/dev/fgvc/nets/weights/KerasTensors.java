package dev.fgvc.nets.weights;

import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The weights in an HDF5 file of Keras: a whole model ({@code model.save("x.h5")}), the weights of
 * Keras 1 and 2 ({@code save_weights("x.h5")}, the form of the published files), or those of Keras
 * 3 ({@code x.weights.h5}). Names are {@code layer/variable}. Layers that Keras numbers by itself,
 * over and over in one process, are counted in the order in which they were made: {@code conv2d_7}
 * and {@code conv2d_9} become {@code conv2d#1} and {@code conv2d#2}.
 */
final class KerasTensors implements ForeignTensors {

  private static final Pattern NUMBERED =
      Pattern.compile("(conv2d|batch_normalization)(?:_(\\d{1,9}))?");

  /** Variables by their position, for the files of Keras 3, which do not name them. */
  private static final Map<Integer, List<String>> BY_COUNT =
      Map.of(
          1, List.of("kernel"),
          2, List.of("kernel", "bias"),
          3, List.of("beta", "moving_mean", "moving_variance"),
          4, List.of("gamma", "beta", "moving_mean", "moving_variance"));

  private static final int MAX_DEPTH = 6;
  private static final int MAX_NODES = 100_000;

  private final Path file;
  private final HdfFile hdf;
  private final long size;
  private final Map<String, Dataset> datasets = new LinkedHashMap<>();
  private int nodes;

  private KerasTensors(Path file, HdfFile hdf, long size) {
    this.file = file;
    this.hdf = hdf;
    this.size = size;
  }

  static KerasTensors open(Path file) throws IOException {
    long size = Files.size(file);
    HdfFile hdf = guarded(file, () -> new HdfFile(file));
    KerasTensors tensors = new KerasTensors(file, hdf, size);
    try {
      guarded(
          file,
          () -> {
            tensors.readNames();
            return tensors;
          });
      return tensors;
    } catch (IOException | RuntimeException e) {
      hdf.close();
      throw e;
    }
  }

  private void readNames() {
    Map<String, Map<String, Dataset>> layers = new LinkedHashMap<>();
    if (hdf.getChild("layers") instanceof Group group) {
      for (Node layer : group) {
        if (layer instanceof Group parts && parts.getChild("vars") instanceof Group variables) {
          Attribute name = variables.getAttribute("name");
          layers.put(
              name == null ? layer.getName() : String.valueOf(name.getData()),
              byPosition(layer.getName(), variables));
        }
      }
      layers.values().removeIf(Map::isEmpty);
    } else {
      Group root = hdf.getChild("model_weights") instanceof Group model ? model : hdf;
      for (Node layer : root) {
        if (layer instanceof Group group) {
          Map<String, Dataset> variables = new LinkedHashMap<>();
          collect(group, variables, 0);
          if (!variables.isEmpty()) {
            layers.put(layer.getName(), variables);
          }
        }
      }
    }
    Map<String, String> counted = countNumbered(layers.keySet());
    layers.forEach(
        (layer, variables) ->
            variables.forEach(
                (variable, dataset) ->
                    datasets.put(counted.getOrDefault(layer, layer) + "/" + variable, dataset)));
  }

  private static Map<String, Dataset> byPosition(String layer, Group variables) {
    Map<String, Dataset> named = new LinkedHashMap<>();
    int count = variables.getChildren().size();
    for (int i = 0; i < count; i++) {
      if (variables.getChild(Integer.toString(i)) instanceof Dataset dataset) {
        List<String> names = BY_COUNT.get(count);
        named.put(names == null ? Integer.toString(i) : names.get(i), dataset);
      }
    }
    return named;
  }

  /** The data sets under a group, by the last part of their paths without TensorFlow's ":0". */
  private void collect(Group group, Map<String, Dataset> variables, int depth) {
    for (Node node : group) {
      if (++nodes > MAX_NODES || depth > MAX_DEPTH) {
        throw new WeightsFormatException(
            file, "expected layers with their variables, found a deeper or endless tree of groups");
      }
      if (node instanceof Dataset dataset) {
        variables.put(node.getName().replaceFirst(":0$", ""), dataset);
      } else if (node instanceof Group inner) {
        collect(inner, variables, depth + 1);
      }
    }
  }

  private static Map<String, String> countNumbered(Set<String> layers) {
    Map<String, Map<Integer, String>> byKind = new TreeMap<>();
    for (String layer : layers) {
      Matcher numbered = NUMBERED.matcher(layer);
      if (numbered.matches()) {
        int number = numbered.group(2) == null ? 0 : Integer.parseInt(numbered.group(2));
        byKind.computeIfAbsent(numbered.group(1), kind -> new TreeMap<>()).put(number, layer);
      }
    }
    Map<String, String> counted = new LinkedHashMap<>();
    byKind.forEach(
        (kind, ordered) -> {
          int count = 0;
          for (String layer : ordered.values()) {
            counted.put(layer, kind + "#" + ++count);
          }
        });
    return counted;
  }

  @Override
  public Set<String> names() {
    return datasets.keySet();
  }

  @Override
  public WeightTensor tensor(String name) throws IOException {
    Dataset dataset = datasets.get(name);
    return guarded(file, () -> read(name, dataset));
  }

  private WeightTensor read(String name, Dataset dataset) {
    int[] dimensions = dataset.getDimensions();
    double bytes = Arrays.stream(dimensions).asDoubleStream().reduce(4, (a, b) -> a * b);
    if (bytes > size || Arrays.stream(dimensions).anyMatch(side -> side < 0)) {
      throw new WeightsFormatException(
          file,
          String.format(
              Locale.ROOT,
              "'%s' claims the shape %s in a file of %d bytes",
              name,
              Arrays.toString(dimensions),
              size));
    }
    Object flat = dataset.getDataFlat();
    List<Integer> shape = Arrays.stream(dimensions).boxed().toList();
    if (flat instanceof float[] values) {
      return WeightTensor.wrap(shape, values);
    }
    if (flat instanceof double[] values) {
      float[] rounded = new float[values.length];
      for (int i = 0; i < values.length; i++) {
        rounded[i] = (float) values[i];
      }
      return WeightTensor.wrap(shape, rounded);
    }
    throw new WeightsFormatException(
        file,
        String.format(
            Locale.ROOT,
            "'%s' holds %s; float32 or float64 can be read",
            name,
            dataset.getJavaType()));
  }

  /** The HDF5 library meets damage with exceptions of any kind, or by running in circles. */
  private static <T> T guarded(Path file, Callable<T> reading) throws IOException {
    try {
      return reading.call();
    } catch (IOException | WeightsFormatException e) {
      throw e;
    } catch (Exception | StackOverflowError e) {
      throw new WeightsFormatException(file, "is no HDF5 file that can be read: " + e);
    }
  }

  @Override
  public void close() {
    hdf.close();
  }
}
