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
  public WeightTensor tensor(String name) throws IOException {
    Safetensors file = tensors.get(name);
    WeightTensor values = file.tensor(name).toWeights(file.file(), name);
    return switch (values.shape().size()) {
      case 2 -> outputsLast(values, 1, 1);
      case 4 -> outputsLast(values, values.shape().get(2), values.shape().get(3));
      default -> values;
    };
  }

  @Override
  public Map<String, Map<String, String>> scopes(Set<String> wanted) {
    return ScopedNames.find(names(), wanted, '.', WRAPPERS);
  }

  private static WeightTensor outputsLast(WeightTensor tensor, int height, int width) {
    int outputs = tensor.shape().get(0);
    int inputs = tensor.shape().get(1);
    int cells = height * width;
    float[] theirs = tensor.toArray();
    float[] ours = new float[theirs.length];
    for (int out = 0; out < outputs; out++) {
      for (int in = 0; in < inputs; in++) {
        for (int cell = 0; cell < cells; cell++) {
          ours[(cell * inputs + in) * outputs + out] = theirs[(out * inputs + in) * cells + cell];
        }
      }
    }
    List<Integer> shape =
        tensor.shape().size() == 2
            ? List.of(inputs, outputs)
            : List.of(height, width, inputs, outputs);
    return WeightTensor.wrap(shape, ours);
  }

  @Override
  public void close() throws IOException {
    for (Safetensors file : files) {
      file.close();
    }
  }
}
