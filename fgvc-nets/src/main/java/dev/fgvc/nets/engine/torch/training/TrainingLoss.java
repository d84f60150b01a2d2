package dev.fgvc.nets.engine.torch.training;

import com.google.common.primitives.Doubles;
import dev.fgvc.loader.Targets;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.engine.torch.runtime.TorchTensors;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
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
   * @throws IllegalArgumentException if values by class are not one for each of the classes
   */
  public TrainingLoss(TrainingOptions options, NetworkGraph graph) {
    options.requireFor(graph);
    this.options = options;
  }

  /**
   * The gradients by the logits, in the pointer scope that is open.
   *
   * @param logits of the head, then those of the auxiliary head, if any
   * @param targets one or two classes for each image
   * @param terms its first values become the loss of each of the heads, as weighted
   */
  public List<Tensor> gradients(List<Tensor> logits, Targets targets, Tensor terms) {
    List<Tensor> leaves = new ArrayList<>();
    try (AutoGradMode mode = new AutoGradMode(true)) {
      for (int i = 0; i < logits.size(); i++) {
        Tensor leaf = logits.get(i).detach();
        leaf.requires_grad_(true);
        leaves.add(leaf);
        Tensor term = loss(leaf, targets);
        Tensor weighted = i == 0 ? term : term.mul(new Scalar(options.auxiliaryWeight()));
        terms.select(0, i).copy_(weighted.detach());
        weighted.backward();
      }
    }
    return leaves.stream().map(leaf -> new Tensor(leaf.grad())).toList();
  }

  private Tensor loss(Tensor logits, Targets targets) {
    Tensor flat = logits.reshape(logits.size(0), -1).to(ScalarType.Float);
    if (!options.logitOffsets().isEmpty()) {
      flat = flat.add(vector(options.logitOffsets()));
    }
    Tensor labels = TorchTensors.labels(targets.labels(), options.device());
    if (targets.isPlain() && options.classWeights().isEmpty()) {
      return crossEntropy(flat, labels, MEAN_REDUCTION);
    }
    Tensor loss = weighted(flat, labels, targets.labelWeights());
    if (!targets.isPlain()) {
      Tensor others = TorchTensors.labels(targets.others(), options.device());
      loss = loss.add(weighted(flat, others, targets.otherWeights()));
    }
    return loss.mean();
  }

  /** The loss of each image for one class, times its weight and that of its class. */
  private Tensor weighted(Tensor logits, Tensor labels, double[] weights) {
    Tensor loss = crossEntropy(logits, labels, NO_REDUCTION);
    if (!options.classWeights().isEmpty()) {
      loss = loss.mul(vector(options.classWeights()).index_select(0, labels));
    }
    return loss.mul(vector(Doubles.asList(weights)));
  }

  private Tensor crossEntropy(Tensor logits, Tensor labels, int reduction) {
    Tensor adjusted = logits;
    if (!options.labelMargins().isEmpty()) {
      Tensor margins = vector(options.labelMargins()).index_select(0, labels);
      adjusted =
          adjusted.sub(
              torch.zeros_like(logits).scatter(1, labels.unsqueeze(1), margins.unsqueeze(1)));
    }
    if (options.logitScale() != 1) {
      adjusted = adjusted.mul(new Scalar(options.logitScale()));
    }
    return torch.cross_entropy_loss(
        adjusted,
        labels,
        new TensorOptional(),
        reduction,
        NO_IGNORED_LABEL,
        options.labelSmoothing());
  }

  private Tensor vector(List<Double> values) {
    FloatBuffer floats = FloatBuffer.allocate(values.size());
    values.forEach(value -> floats.put(value.floatValue()));
    return TorchTensors.of(floats.flip(), new long[] {values.size()}, options.device());
  }
}
