package dev.fgvc.nets.weights;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A state dictionary of PyTorch in a safetensors file, or in the shards that an index names.
 * Kernels [out, in, height, width] become [height, width, in, out], matrices [out, in] become [in,
 * out].
 */
final class PyTorchTensors implements ForeignTensors {

  /**
   * The parts that DistributedDataParallel, torch.compile, FSDP, DeepSpeed and activation
   * checkpointing put into names, inside them; at the front it is a scope like any other.
   */
  private static final Pattern WRAPPERS =
      Pattern.compile(
          "(?<=\\.)(?:module|_orig_mod|_fsdp_wrapped_module|_forward_module"
              + "|_checkpoint_wrapped_module)\\.");

  private final List<Safetensors> files;
  private final Map<String, Safetensors> tensors;

  private PyTorchTensors(List<Safetensors> files, Map<String, Safetensors> tensors) {
    this.files = files;
    this.tensors = tensors;
  }

  static PyTorchTensors open(Path file) throws IOException {
    if (ShardIndex.isIndex(file)) {
      ShardIndex index = ShardIndex.read(file);
      PyTorchTensors tensors = open(index.files().values());
      try {
        index.requireFound(tensors.names());
        return tensors;
      } catch (RuntimeException e) {
        tensors.close();
        throw e;
      }
    }
    ShardIndex.requireNoShard(file);
    return open(List.of(file));
  }

  private static PyTorchTensors open(Iterable<Path> paths) throws IOException {
    PyTorchTensors all = new PyTorchTensors(new ArrayList<>(), new LinkedHashMap<>());
    try {
      for (Path path : paths) {
        Safetensors file = Safetensors.open(path);
        all.files.add(file);
        for (String name : file.entries().keySet()) {
          if (all.tensors.put(name, file) != null) {
            throw new WeightsFormatException(path, "holds '" + name + "' as another shard does");
          }
        }
      }
      return all;
    } catch (IOException | RuntimeException e) {
      all.close();
      throw e;
    }
  }

  @Override
  public Set<String> names() {
    return tensors.keySet();
  }

  @Override
  public List<Integer> shape(String name) {
    List<Integer> theirs = tensors.get(name).entries().get(name).shape();
    return switch (theirs.size()) {
      case 2 -> List.of(theirs.get(1), theirs.get(0));
      case 4 -> List.of(theirs.get(2), theirs.get(3), theirs.get(1), theirs.get(0));
      default -> theirs;
    };
  }

  @Override
  public WeightTensor tensor(String name) {
    Safetensors file = tensors.get(name);
    List<Integer> theirs = file.entries().get(name).shape();
    FileValues.Order order =
        switch (theirs.size()) {
          case 2 -> new FileValues.Order(theirs.get(0), 1);
          case 4 -> new FileValues.Order(theirs.get(0), theirs.get(2) * theirs.get(3));
          default -> FileValues.Order.SAME;
        };
    return file.weights(name, shape(name), order);
  }

  @Override
  public Map<String, Map<String, String>> scopes(Set<String> wanted) {
    return ScopedNames.find(names(), wanted, '.', WRAPPERS);
  }

  @Override
  public void close() throws IOException {
    for (Safetensors file : files) {
      file.close();
    }
  }
}
