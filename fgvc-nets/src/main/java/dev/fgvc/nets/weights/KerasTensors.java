package dev.fgvc.nets.weights;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The weights in a file of Keras: a whole model ({@code model.save("x.h5")} or {@code "x.keras"}),
 * the weights of Keras 1 and 2 ({@code save_weights("x.h5")}, the form of the published files),
 * those of Keras 3 ({@code x.weights.h5}), or the index of its shards ({@code x.weights.json}).
 * Names are the paths in the HDF5 file; {@link KerasLayers} knows which layers they are.
 */
final class KerasTensors implements ForeignTensors {

  private final Path file;
  private final List<Hdf5File> files = new ArrayList<>();
  private final Map<String, Hdf5File> datasets = new LinkedHashMap<>();
  private final Set<String> names = new LinkedHashSet<>();
  private Map<String, Map<String, String>> scopes = Map.of();
  private Set<String> nameless = Set.of();

  private KerasTensors(Path file) {
    this.file = file;
  }

  static KerasTensors open(Path file) throws IOException {
    KerasTensors tensors = new KerasTensors(file);
    try {
      if (ShardIndex.isIndex(file)) {
        tensors.openShards(ShardIndex.read(file));
      } else {
        ShardIndex.requireNoShard(file);
        tensors.add(file);
      }
      KerasLayers layers = new KerasLayers(tensors.datasets);
      tensors.scopes = layers.scopes();
      tensors.nameless = layers.nameless();
      return tensors;
    } catch (IOException | RuntimeException e) {
      tensors.close();
      throw e;
    }
  }

  private void openShards(ShardIndex index) throws IOException {
    for (Path shard : index.files().values()) {
      add(shard);
    }
    Set<String> groups = new LinkedHashSet<>();
    for (String name : datasets.keySet()) {
      groups.add("/" + KerasLayers.parent(name));
    }
    index.requireFound(groups);
  }

  private void add(Path path) throws IOException {
    Hdf5File hdf =
        KerasArchive.isArchive(path)
            ? Hdf5File.open(path, KerasArchive.read(path))
            : Hdf5File.open(path);
    files.add(hdf);
    for (String name : hdf.datasets()) {
      if (datasets.put(name, hdf) != null) {
        throw new WeightsFormatException(path, "holds '" + name + "' as another shard does");
      }
    }
    names.addAll(hdf.datasets());
    names.addAll(hdf.others());
  }

  @Override
  public Set<String> names() {
    return names;
  }

  @Override
  public List<Integer> shape(String name) throws IOException {
    Hdf5File hdf = datasets.get(name);
    return hdf == null ? List.of() : hdf.shape(name); // a link has none
  }

  @Override
  public WeightTensor tensor(String name) throws IOException {
    Hdf5File hdf = datasets.get(name);
    if (hdf == null) {
      throw new WeightsFormatException(file, "'" + name + "' is a link, which is not followed");
    }
    return hdf.read(name);
  }

  @Override
  public Map<String, Map<String, String>> scopes(Set<String> wanted) {
    Map<String, Map<String, String>> found = new LinkedHashMap<>();
    scopes.forEach(
        (scope, variables) -> {
          Map<String, String> kept = new LinkedHashMap<>(variables);
          kept.keySet().retainAll(wanted);
          if (!kept.isEmpty()) {
            found.put(scope, kept);
          }
        });
    return found;
  }

  @Override
  public String hindrance() {
    return nameless.isEmpty()
        ? ""
        : String.format(
            Locale.ROOT,
            "the file lacks the names of %d layers, such as '%s', as the first versions of Keras 3"
                + " wrote none and 3.15 loses that of a shard's first layer; they are known by their"
                + " order in the model",
            nameless.size(),
            nameless.iterator().next());
  }

  @Override
  public void close() {
    files.forEach(Hdf5File::close);
  }
}
