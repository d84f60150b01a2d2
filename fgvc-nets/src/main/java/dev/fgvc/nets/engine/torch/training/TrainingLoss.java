package dev.fgvc.nets.engine.torch.training;

import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.engine.torch.runtime.TorchTensors;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The cross entropy of the heads' logits, and its gradients by them. */
@SuppressWarnings("try") // the gradient mode is set for what its closing does
public final class TrainingLoss {

  private static final int NO_REDUCTION = 0;
  private static final int MEAN_REDUCTION = 1;
  private static final long NO_IGNORED_LABEL = -100;

  private final TrainingOptions options;

  /**
   * The loss that options ask for.
   *
   * @throws IllegalArgumentException if weights or offsets are not one for each of the classes
   */
  public TrainingLoss(TrainingOptions options, NetworkGraph graph) {
    requirePerClass("class weights", options.classWeights(), graph);
    requirePerClass("logit offsets", options.logitOffsets(), graph);
    this.options = options;
  }

  private static void requirePerClass(String what, List<Double> values, NetworkGraph graph) {
    if (!values.isEmpty() && values.size() != graph.classes()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d %s for the %d classes of %s",
              values.size(),
              what,
              graph.classes(),
              graph.name()));
    }
  }

  /**
   * The gradients by the logits, in the pointer scope that is open.
   *
   * @param logits of the head, then those of the auxiliary head, if any
   * @param labels a class for each image
   * @param terms its first values become the loss of each of the heads, as weighted
   */
  public List<Tensor> gradients(List<Tensor> logits, Tensor labels, Tensor terms) {
    List<Tensor> leaves = new ArrayList<>();
    try (AutoGradMode mode = new AutoGradMode(true)) {
      for (int i = 0; i < logits.size(); i++) {
        Tensor leaf = logits.get(i).detach();
        leaf.requires_grad_(true);
        leaves.add(leaf);
        Tensor term = crossEntropy(leaf, labels);
        Tensor weighted = i == 0 ? term : term.mul(new Scalar(options.auxiliaryWeight()));
        terms.select(0, i).copy_(weighted.detach());
        weighted.backward();
      }
    }
    return leaves.stream().map(leaf -> new Tensor(leaf.grad())).toList();
  }

  private Tensor crossEntropy(Tensor logits, Tensor labels) {
    Tensor flat = logits.reshape(logits.size(0), -1).to(ScalarType.Float);
    if (!options.logitOffsets().isEmpty()) {
      flat = flat.add(perClass(options.logitOffsets()));
    }
    boolean weighted = !options.classWeights().isEmpty();
    Tensor loss =
        torch.cross_entropy_loss(
            flat,
            labels,
            new TensorOptional(),
            weighted ? NO_REDUCTION : MEAN_REDUCTION,
            NO_IGNORED_LABEL,
            options.labelSmoothing());
    return weighted
        ? loss.mul(perClass(options.classWeights()).index_select(0, labels)).mean()
        : loss;
  }

  private Tensor perClass(List<Double> values) {
    FloatBuffer floats = FloatBuffer.allocate(values.size());
    values.forEach(value -> floats.put(value.floatValue()));
    return TorchTensors.of(floats.flip(), new long[] {values.size()}, options.device());
  }
}
