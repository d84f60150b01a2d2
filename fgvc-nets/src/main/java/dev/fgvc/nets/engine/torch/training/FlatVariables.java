package dev.fgvc.nets.engine.torch.training;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import dev.fgvc.nets.arch.Parameter;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.torch.runtime.TorchTensors;
import dev.fgvc.nets.weights.WeightTensor;
import dev.fgvc.nets.weights.Weights;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Some variables side by side in one flat tensor, with a view of each in the shape that libtorch
 * computes with. Kernels lie as [out, h, w, in], which is libtorch's channels-last, so that views
 * need no copies.
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
public final class FlatVariables implements AutoCloseable {

  private final List<Parameter> parameters;
  private final Tensor flat;
  private final Map<String, Tensor> views = new LinkedHashMap<>();

  /** Room for the given variables, filled with zeros. */
  public FlatVariables(List<Parameter> parameters, Device device) {
    this.parameters = List.copyOf(parameters);
    long size = parameters.stream().mapToLong(Parameter::size).sum();
    try (PointerScope temporaries = new PointerScope()) {
      flat = TorchTensors.to(torch.zeros(new long[] {size}, TorchTensors.floats()), device);
      flat.retainReference();
      long offset = 0;
      for (Parameter parameter : parameters) {
        Tensor view = shaped(flat.narrow(0, offset, parameter.size()), parameter);
        view.retainReference();
        views.put(parameter.name(), view);
        offset += parameter.size();
      }
    }
  }

  private static Tensor shaped(Tensor slice, Parameter parameter) {
    List<Integer> shape = parameter.shape();
    if (shape.size() != 4) {
      return slice.view(TorchTensors.longs(shape));
    }
    return slice.view(shape.get(3), shape.get(0), shape.get(1), shape.get(2)).permute(0, 3, 1, 2);
  }

  /** All values as one vector; the decayed variables come where the caller ordered them. */
  public Tensor flat() {
    return flat;
  }

  List<Parameter> parameters() {
    return parameters;
  }

  /** The view of one variable, kernels as [out, in, h, w]. */
  public Tensor view(String name) {
    return views.get(name);
  }

  public boolean contains(String name) {
    return views.containsKey(name);
  }

  /** Refuses weights that lack one of these variables or have it in another shape. */
  public void requireIn(Weights weights) {
    for (Parameter parameter : parameters) {
      List<Integer> shape = weights.tensor(parameter.name()).shape();
      checkArgument(
          shape.equals(parameter.shape()),
          "'%s' has shape %s, not %s",
          parameter.name(),
          shape,
          parameter.shape());
    }
  }

  public void set(Weights weights, Device device) {
    try (PointerScope temporaries = new PointerScope()) {
      for (Parameter parameter : parameters) {
        Tensor values = TorchTensors.of(weights.tensor(parameter.name()), device);
        views
            .get(parameter.name())
            .copy_(parameter.shape().size() == 4 ? values.permute(3, 2, 0, 1) : values);
      }
    }
  }

  /** Adds a copy of every variable, in TensorFlow's order, to a map. */
  public void copyTo(ImmutableMap.Builder<String, WeightTensor> target) {
    for (Parameter parameter : parameters) {
      try (PointerScope temporaries = new PointerScope()) {
        target.put(parameter.name(), copy(parameter, views.get(parameter.name()).detach()));
      }
    }
  }

  /** A copy of a tensor shaped as a variable's view, in TensorFlow's order. */
  public static WeightTensor copy(Parameter parameter, Tensor view) {
    Tensor ordered = parameter.shape().size() == 4 ? view.permute(2, 3, 1, 0) : view;
    return WeightTensor.of(parameter.shape(), TorchTensors.values(ordered));
  }

  @Override
  public void close() {
    views.values().forEach(Tensor::releaseReference);
    views.clear();
    flat.releaseReference();
  }
}
