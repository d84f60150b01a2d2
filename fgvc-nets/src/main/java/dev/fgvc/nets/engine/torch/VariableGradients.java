package dev.fgvc.nets.engine.torch;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The gradients of the trained variables in float32, summed over batches until they are dropped.
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
final class VariableGradients implements AutoCloseable {

  private final Set<String> trained;
  private final Map<String, Tensor> sums = new HashMap<>();

  VariableGradients(Set<String> trained) {
    this.trained = Set.copyOf(trained);
  }

  boolean isTrained(String variable) {
    return trained.contains(variable);
  }

  /** Takes what a batch adds; the tensor may stay the caller's. */
  void add(String variable, Tensor gradient) {
    Tensor sum = sums.get(variable);
    if (sum != null) {
      sum.add_(gradient);
      return;
    }
    try (PointerScope temporaries = new PointerScope()) {
      Tensor kept = gradient.to(ScalarType.Float);
      kept.retainReference();
      sums.put(variable, kept);
    }
  }

  /** Nothing where no batch has come by. */
  Optional<Tensor> of(String variable) {
    return Optional.ofNullable(sums.get(variable));
  }

  void drop() {
    sums.values().forEach(Tensor::releaseReference);
    sums.clear();
  }

  @Override
  public void close() {
    drop();
  }
}
