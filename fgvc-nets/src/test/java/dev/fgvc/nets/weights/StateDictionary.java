package dev.fgvc.nets.weights;

import dev.fgvc.nets.arch.Architecture;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Weights as timm and torchvision name and lay them out. */
final class StateDictionary {

  private StateDictionary() {}

  static Map<String, WeightTensor> of(Architecture architecture, Weights weights)
      throws IOException {
    Map<String, String> theirs = NameTable.load("pytorch", architecture).theirs();
    Map<String, WeightTensor> state = new LinkedHashMap<>();
    for (String name : weights.names()) {
      WeightTensor tensor = weights.tensor(name);
      List<Integer> s = tensor.shape();
      // a last layer on 1x1 activations is a matrix there
      if (s.size() == 4 && !theirs.get(name).endsWith(".conv.weight") && s.get(0) == 1) {
        tensor = transposed(tensor.toArray(), 1, s.get(2), s.get(3), List.of(s.get(3), s.get(2)));
      } else if (s.size() == 4) {
        List<Integer> shape = List.of(s.get(3), s.get(2), s.get(0), s.get(1));
        tensor = transposed(tensor.toArray(), s.get(0) * s.get(1), s.get(2), s.get(3), shape);
      } else if (s.size() == 2) {
        tensor = transposed(tensor.toArray(), 1, s.get(0), s.get(1), List.of(s.get(1), s.get(0)));
      }
      state.put(theirs.get(name), tensor);
    }
    return state;
  }

  /** [cells, in, out] to [out, in, cells], one value after another of the result. */
  private static WeightTensor transposed(
      float[] values, int cells, int inputs, int outputs, List<Integer> shape) {
    float[] result = new float[values.length];
    for (int i = 0; i < result.length; i++) {
      int cell = i % cells;
      int in = i / cells % inputs;
      int out = i / cells / inputs;
      result[i] = values[cell * inputs * outputs + in * outputs + out];
    }
    return WeightTensor.of(shape, result);
  }
}
