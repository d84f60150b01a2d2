package dev.fgvc.nets.weights;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * A state dictionary of PyTorch in a safetensors file. Kernels [out, in, height, width] become
 * [height, width, in, out], matrices [out, in] become [in, out].
 */
final class PyTorchTensors implements ForeignTensors {

  private final Path file;
  private final Safetensors tensors;

  private PyTorchTensors(Path file, Safetensors tensors) {
    this.file = file;
    this.tensors = tensors;
  }

  static PyTorchTensors open(Path file) throws IOException {
    return new PyTorchTensors(file, Safetensors.open(file));
  }

  @Override
  public Set<String> names() {
    return tensors.entries().keySet();
  }

  @Override
  public WeightTensor tensor(String name) throws IOException {
    WeightTensor values = tensors.tensor(name).toWeights(file, name);
    return switch (values.shape().size()) {
      case 2 -> outputsLast(values, 1, 1);
      case 4 -> outputsLast(values, values.shape().get(2), values.shape().get(3));
      default -> values;
    };
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
    tensors.close();
  }
}
