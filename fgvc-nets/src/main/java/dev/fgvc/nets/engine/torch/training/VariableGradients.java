package dev.fgvc.nets.engine.torch.training;

import dev.fgvc.nets.arch.Parameter;
import dev.fgvc.nets.engine.Device;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * The gradients of the trained variables in float32, summed over batches until they are dropped.
 * They lie side by side as the variables do and keep their memory, which would else be fetched from
 * the operating system in each step, page by page.
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
public final class VariableGradients implements AutoCloseable {

  private final FlatVariables sums;

  /** The variables that a batch has come by; of the others the sums are old. */
  private final Set<String> present = new HashSet<>();

  public VariableGradients(List<Parameter> trained, Device device) {
    sums = new FlatVariables(trained, device);
  }

  boolean isTrained(String variable) {
    return sums.contains(variable);
  }

  /** Takes what a batch adds, of the variable's shape; the tensor stays the caller's. */
  void add(String variable, Tensor gradient) {
    Tensor sum = sums.view(variable);
    if (present.add(variable)) {
      sum.copy_(gradient);
    } else {
      sum.add_(gradient);
    }
  }

  /** The sums, in the order of the variables; zeros where no batch has come by. */
  public FlatVariables sums() {
    complete(sums.parameters().stream().map(Parameter::name).toList());
    return sums;
  }

  /**
   * Sets the gradients of variables that no batch has come by to zeros.
   *
   * @param variables that no batch will come by from now on
   * @return the flat tensor of all, complete for these variables
   */
  Tensor complete(List<String> variables) {
    try (PointerScope temporaries = new PointerScope()) {
      for (String variable : variables) {
        if (present.add(variable)) {
          sums.view(variable).zero_();
        }
      }
    }
    return sums.flat();
  }

  /** Forgets all batches. */
  public void drop() {
    present.clear();
  }

  @Override
  public void close() {
    sums.close();
  }
}
