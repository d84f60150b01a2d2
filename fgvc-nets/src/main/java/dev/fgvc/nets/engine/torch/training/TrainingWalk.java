package dev.fgvc.nets.engine.torch.training;

import com.google.common.collect.Lists;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.engine.torch.kernel.ActivationOperations;
import dev.fgvc.nets.engine.torch.kernel.Pooling;
import dev.fgvc.nets.engine.torch.kernel.TensorSketch;
import dev.fgvc.nets.engine.torch.kernel.WindowArguments;
import dev.fgvc.nets.engine.torch.memory.ActivationPool;
import dev.fgvc.nets.engine.torch.training.TrainingNorms.Normalised;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * Walks a graph forward and back again, for the gradients of a batch's loss.
 *
 * <p>On the CPU only those activations stay on the way that cannot be had again cheaply: what a
 * batch norm and the ReLU after it make of their input is dropped and computed again on the way
 * back, which takes a pass over one activation and saves nearly half of the memory. Gradients are
 * overwritten where nobody else holds them. What is left of the operations without variables is
 * differentiated by libtorch's autograd, one at a time.
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
public final class TrainingWalk {

  private final List<Node> nodes;
  private final TrainingLayers layers;
  private final ActivationOperations operations;
  private final ActivationPool memory;
  private final Optional<Generator> dropout;

  /** Whether anything trained lies at or before a node. */
  private final boolean[] wanted;

  private final boolean recomputes;

  /**
   * A walk over a graph.
   *
   * @param memory memory for the large ones of a step
   * @param dropout draws what is dropped; absent, nothing is
   * @param recomputes whether norms and the ReLUs after them are computed again on the way back,
   *     rather than kept: on an H100 that took 4 to 13 % of a step of ResNet-v2-50
   */
  public TrainingWalk(
      NetworkGraph graph,
      TrainingLayers layers,
      ActivationPool memory,
      Optional<Generator> dropout,
      boolean recomputes) {
    this.nodes = thinnerPoolings(graph);
    this.layers = layers;
    this.operations = layers.kernels().operations();
    this.memory = memory;
    this.dropout = dropout;
    this.recomputes = recomputes;
    this.wanted = new boolean[nodes.size()];
    for (Node node : nodes) {
      wanted[node.index()] =
          layers.learns(node.operation())
              || node.inputs().stream().anyMatch(input -> wanted[input]);
    }
  }

  /**
   * A graph's nodes, with an average pooling and the pointwise convolution that alone reads it in
   * the other order where that makes the pooled activation narrower. They commute: an average of
   * products is the product of the average.
   */
  public static List<Node> thinnerPoolings(NetworkGraph graph) {
    List<Node> nodes = new ArrayList<>(graph.nodes());
    int[] readers = new int[nodes.size()];
    nodes.forEach(node -> node.inputs().forEach(input -> readers[input]++));
    for (Node node : graph.nodes()) {
      if (node.operation() instanceof Operation.Convolution convolution
          && convolution.window().isPointwise()
          && convolution.outputChannels() < convolution.inputChannels()
          && !convolution.biases()) {
        Node before = nodes.get(node.inputs().get(0));
        if (before.operation() instanceof Operation.AveragePool pool
            && pool.window().stride() == 1
            && readers[before.index()] == 1) {
          nodes.set(
              before.index(),
              new Node(before.index(), convolution, before.inputs(), node.channels()));
          nodes.set(
              node.index(), new Node(node.index(), pool, List.of(before.index()), node.channels()));
        }
      }
    }
    return List.copyOf(nodes);
  }

  /** The nodes in the order of the walk there. */
  List<Node> nodes() {
    return nodes;
  }

  /** From the logits of the heads to the gradients of their loss, in the same order. */
  public interface Loss {
    List<Tensor> gradients(List<Tensor> logits);
  }

  /**
   * Adds the gradients of a batch to those of the layers' variables.
   *
   * @param passed hears the index of each node of the graph after its turn on the way back, from
   *     the last to the first; no gradient of its variables is added after that, unless a node
   *     before it has the same ones
   */
  public void run(Tensor images, List<Node> heads, Loss loss, IntConsumer passed) {
    try (Pass pass = new Pass(heads);
        PointerScope temporaries = new PointerScope();
        AutoGradMode mode = new AutoGradMode(false)) {
      pass.back(loss.gradients(pass.forward(images)), passed);
    }
    memory.endStep();
  }

  /**
   * Takes part in what the norms of other processes exchange while they walk there and back, on a
   * process that has no batch.
   *
   * @param passed as for {@link #run}
   */
  public void attend(List<Node> heads, IntConsumer passed) {
    boolean[] needed = needed(heads);
    for (Node node : nodes) {
      if (needed[node.index()] && node.operation() instanceof Operation.BatchNorm norm) {
        layers.norms().attendNormalise(norm);
      }
    }
    for (Node node : Lists.reverse(nodes)) {
      if (needed[node.index()]
          && node.operation() instanceof Operation.BatchNorm norm
          && wanted[node.inputs().get(0)]) {
        layers.norms().attendBackward(norm);
      }
      passed.accept(node.index());
    }
  }

  /** The nodes that lead to some heads, by their index. */
  private boolean[] needed(List<Node> heads) {
    boolean[] needed = new boolean[wanted.length];
    heads.forEach(head -> needed[head.index()] = true);
    for (Node node : Lists.reverse(nodes)) {
      if (needed[node.index()]) {
        node.inputs().forEach(input -> needed[input] = true);
      }
    }
    return needed;
  }

  /** One walk there and back. It holds references of its own to its tensors. */
  private final class Pass implements AutoCloseable {

    private final List<Node> heads;
    private final boolean[] needed;

    /** The last needed node that reads a node's output on the way there; itself if none does. */
    private final int[] lastReader = new int[wanted.length];

    /** Whether a node's output stays for the way back. */
    private final boolean[] kept = new boolean[wanted.length];

    private final PassTensors tensors = new PassTensors(wanted.length);

    Pass(List<Node> heads) {
      this.heads = heads;
      this.needed = needed(heads);
      Arrays.setAll(lastReader, index -> index);
      for (int index = wanted.length - 1; index >= 0; index--) {
        Node node = nodes.get(index);
        if (needed[index]) {
          for (int input : node.inputs()) {
            lastReader[input] = Math.max(lastReader[input], index);
            kept[input] |= wanted[index] && readsInputsOnTheWayBack(node.operation());
          }
          kept[index] |= wanted[index] && node.operation() instanceof Operation.Relu;
          kept[index] &= !isRecomputed(node);
        }
      }
      heads.forEach(head -> kept[head.index()] = true);
    }

    private static boolean readsInputsOnTheWayBack(Operation operation) {
      return !(operation instanceof Operation.Relu
          || operation instanceof Operation.Add
          || operation instanceof Operation.Concatenate
          || operation instanceof Operation.Dropout);
    }

    private boolean isRecomputed(Node node) {
      return recomputes
          && wanted[node.index()]
          && (node.operation() instanceof Operation.BatchNorm || isActivationOfNorm(node));
    }

    private boolean isActivationOfNorm(Node node) {
      return node.operation() instanceof Operation.Relu
          && input(node, 0).operation() instanceof Operation.BatchNorm;
    }

    private Node input(Node node, int which) {
      return nodes.get(node.inputs().get(which));
    }

    /** The logits of the heads. */
    List<Tensor> forward(Tensor images) {
      for (Node node : nodes) {
        if (!needed[node.index()]) {
          continue;
        }
        try (PointerScope temporaries = new PointerScope()) {
          tensors.keepOutput(
              node.index(),
              node.operation() instanceof Operation.Input
                  ? images.to(layers.type())
                  : compute(node));
        }
        for (int input : node.inputs()) {
          if (lastReader[input] == node.index() && !kept[input]) {
            tensors.dropOutput(input);
          }
        }
      }
      return heads.stream().map(head -> tensors.output(head.index())).toList();
    }

    private Tensor compute(Node node) {
      Operation operation = node.operation();
      Tensor input = output(node, 0);
      if (operation instanceof Operation.Convolution convolution) {
        return layers.convolution(convolution, input);
      } else if (operation instanceof Operation.FullyConnected layer) {
        return layers.fullyConnected(layer, input);
      } else if (operation instanceof Operation.BatchNorm norm) {
        Normalised normalised = layers.norms().normalise(norm, input);
        tensors.keepStatistics(node.index(), normalised.statistics());
        return normalised.output();
      } else if (operation instanceof Operation.Dropout layer) {
        return dropout.isPresent() ? dropped(node, layer, input) : new Tensor(input);
      } else if (operation instanceof Operation.Relu && mayOverwrite(node, 0)) {
        torch.relu_(input);
        return new Tensor(input);
      } else if (operation instanceof Operation.Add add && mayOverwrite(node, 0)) {
        input.add_(output(node, 1), new Scalar(add.scale()));
        return new Tensor(input);
      } else if (operation instanceof Operation.Add add
          && add.scale() == 1
          && mayOverwrite(node, 1)) {
        output(node, 1).add_(input);
        return new Tensor(output(node, 1));
      }
      List<Tensor> inputs = node.inputs().stream().map(tensors::output).toList();
      return operations
          .applyIn(memory, operation, inputs)
          .orElseGet(() -> operations.apply(operation, inputs));
    }

    private Tensor output(Node node, int which) {
      return tensors.output(node.inputs().get(which));
    }

    /** Whether an input goes once a node is computed, and nobody else has it. */
    private boolean mayOverwrite(Node node, int which) {
      int input = node.inputs().get(which);
      return lastReader[input] == node.index()
          && !kept[input]
          && PassTensors.isHeldOnce(tensors.output(input));
    }

    private Tensor dropped(Node node, Operation.Dropout operation, Tensor input) {
      double keep = operation.keepProbability();
      GeneratorOptional generator = new GeneratorOptional(dropout.orElseThrow());
      // Drawn on the CPU, so that every device drops the same.
      Tensor scales = torch.empty(input.sizes()).bernoulli_(keep, generator).div_(new Scalar(keep));
      Tensor mask = scales.to(input.device(), input.scalar_type());
      tensors.keepMask(node.index(), mask);
      return input.mul(mask);
    }

    /** Takes the gradients of the heads' logits. */
    void back(List<Tensor> ofHeads, IntConsumer passed) {
      for (int i = 0; i < heads.size(); i++) {
        arrive(heads.get(i).index(), ofHeads.get(i));
      }
      for (int index = wanted.length - 1; index >= 0; index--) {
        addPending(index);
        Optional<Tensor> gradient = tensors.gradient(index);
        if (gradient.isPresent()) {
          try (PointerScope temporaries = new PointerScope()) {
            step(nodes.get(index), gradient.get());
          }
        }
        // All that read it have had their turn.
        tensors.drop(index);
        passed.accept(index);
      }
    }

    private void step(Node node, Tensor gradient) {
      Operation operation = node.operation();
      if (operation instanceof Operation.Convolution convolution) {
        Tensor input = again(input(node, 0));
        boolean further =
            isWanted(node, 0)
                && !layers.addInputGradient(
                    convolution, input, gradient, () -> ownGradient(node.inputs().get(0)));
        pass(node, 0, layers.convolutionBackward(convolution, input, gradient, further));
      } else if (operation instanceof Operation.FullyConnected layer) {
        pass(
            node,
            0,
            layers.fullyConnectedBackward(
                layer, again(input(node, 0)), gradient, isWanted(node, 0)));
      } else if (operation instanceof Operation.BatchNorm norm) {
        pass(
            node,
            0,
            layers
                .norms()
                .backward(
                    norm,
                    again(input(node, 0)),
                    tensors.statistics(node.index()),
                    gradient,
                    mayChange(gradient),
                    isWanted(node, 0)));
      } else if (operation instanceof Operation.Relu) {
        pass(node, 0, Optional.of(reluBackward(gradient, again(node))));
      } else if (operation instanceof Operation.Add add) {
        pass(node, 0, Optional.of(new Tensor(gradient)));
        pass(
            node,
            1,
            Optional.of(
                add.scale() == 1 ? new Tensor(gradient) : gradient.mul(new Scalar(add.scale()))));
      } else if (operation instanceof Operation.Concatenate) {
        // Parts of it will be overwritten.
        Tensor whole = PassTensors.isHeldOnce(gradient) ? gradient : gradient.clone();
        long channel = 0;
        for (int i = 0; i < node.inputs().size(); i++) {
          long channels = input(node, i).channels();
          pass(node, i, Optional.of(whole.narrow(1, channel, channels)));
          channel += channels;
        }
      } else if (operation instanceof Operation.Subsample subsample && isWanted(node, 0)) {
        int input = node.inputs().get(0);
        addPending(input);
        tensors.keepPending(input, new Tensor(gradient), subsample.stride());
      } else if (operation instanceof Operation.Dropout) {
        Optional<Tensor> mask = tensors.mask(node.index());
        pass(node, 0, Optional.of(mask.map(gradient::mul).orElseGet(() -> new Tensor(gradient))));
      } else if (operation instanceof Operation.AveragePool pool
          && WindowArguments.border(again(input(node, 0)), pool.window()).isSymmetric()) {
        pass(node, 0, Optional.of(operations.averagePoolBackward(gradient, output(node, 0), pool)));
      } else if (operation instanceof Operation.MaxPool pool && isWanted(node, 0)) {
        Tensor input = again(input(node, 0));
        Optional<Tensor> passed = Pooling.maxBackward(memory, gradient, input, pool);
        if (passed.isPresent()) {
          pass(node, 0, passed);
        } else {
          differentiate(node, gradient);
        }
      } else if (operation instanceof Operation.TensorSketchPool pool) {
        pass(node, 0, Optional.of(TensorSketch.backward(gradient, again(input(node, 0)), pool)));
      } else if (!(operation instanceof Operation.Input)) {
        differentiate(node, gradient);
      }
    }

    /**
     * Adds the pending gradient of subsampled cells last, to these cells alone: the other order
     * would make an activation of zeros and add the gradient that arrived otherwise to all of it.
     */
    private void addPending(int index) {
      tensors
          .pending(index)
          .ifPresent(
              pending -> {
                try (PointerScope temporaries = new PointerScope()) {
                  ActivationOperations.everyNth(ownGradient(index), pending.stride())
                      .add_(pending.gradient());
                }
                tensors.dropPending(index);
              });
    }

    /**
     * The gradient that has arrived at a node so far, or zeros, in a channels-last tensor that may
     * be changed.
     */
    private Tensor ownGradient(int index) {
      Optional<Tensor> sum = tensors.gradient(index);
      if (sum.isPresent() && mayChange(sum.get())) {
        return sum.get();
      }
      Tensor own = memory.like(sum.orElseGet(() -> again(nodes.get(index))));
      if (sum.isPresent()) {
        own.copy_(sum.get());
      } else {
        own.zero_();
      }
      tensors.replaceGradient(index, own);
      return own;
    }

    private static boolean mayChange(Tensor gradient) {
      return PassTensors.isHeldOnce(gradient) && gradient.is_contiguous(MemoryFormat.ChannelsLast);
    }

    private Tensor reluBackward(Tensor gradient, Tensor output) {
      Tensor target = mayChange(gradient) ? new Tensor(gradient) : memory.like(output);
      torch.threshold_backward_out(target, gradient, output, new Scalar(0));
      return target;
    }

    private void differentiate(Node node, Tensor gradient) {
      List<Tensor> inputs =
          node.inputs().stream()
              .map(index -> again(nodes.get(index)).detach().requires_grad_(true))
              .toList();
      try (AutoGradMode mode = new AutoGradMode(true)) {
        operations
            .apply(node.operation(), inputs)
            .backward(gradient, new BoolOptional(), false, new TensorArrayRefOptional());
      }
      for (int i = 0; i < inputs.size(); i++) {
        pass(node, i, Optional.of(new Tensor(inputs.get(i).grad())));
      }
    }

    /** A node's output, which is computed now if it did not stay. */
    private Tensor again(Node node) {
      if (!tensors.hasOutput(node.index())) {
        try (PointerScope temporaries = new PointerScope()) {
          tensors.keepOutput(node.index(), recomputed(node));
        }
      }
      return tensors.output(node.index());
    }

    private Tensor recomputed(Node node) {
      if (!isActivationOfNorm(node)) {
        return normalisedAgain(node, false);
      }
      Node norm = input(node, 0);
      return tensors.hasOutput(norm.index())
          ? torch.relu(tensors.output(norm.index()))
          : normalisedAgain(norm, true);
    }

    private Tensor normalisedAgain(Node norm, boolean relu) {
      return layers
          .norms()
          .normalisedAgain(
              (Operation.BatchNorm) norm.operation(),
              again(input(norm, 0)),
              tensors.statistics(norm.index()),
              relu);
    }

    private boolean isWanted(Node node, int which) {
      return wanted[node.inputs().get(which)];
    }

    private void pass(Node node, int which, Optional<Tensor> gradient) {
      gradient.ifPresent(present -> arrive(node.inputs().get(which), present));
    }

    private void arrive(int index, Tensor gradient) {
      if (wanted[index]) {
        tensors.addGradient(index, gradient);
      }
    }

    @Override
    public void close() {
      tensors.close();
    }
  }
}
