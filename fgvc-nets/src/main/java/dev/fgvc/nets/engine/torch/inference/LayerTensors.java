package dev.fgvc.nets.engine.torch.inference;

import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.arch.Padding;
import dev.fgvc.nets.arch.Window;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.folding.FoldedWeights;
import dev.fgvc.nets.engine.torch.runtime.TorchTensors;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Folded weights as tensors, in the pointer scope that is open.
 *
 * @param device on which they lie
 * @param type of kernels and of what is added to their products
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
record LayerTensors(Device device, ScalarType type) {

  /** The window of a fully connected layer, whose input is an activation of one cell. */
  static final Window ONE_CELL = Window.square(1, 1, Padding.VALID);

  /** Takes the values of a layer, the operation of a node. */
  @FunctionalInterface
  interface Preparation extends BiConsumer<Node, FoldedWeights.Layer> {}

  /** Prepares the layers of a network; tensors that are not kept end with each. */
  static void prepareAll(
      NetworkGraph graph, FoldedWeights folded, Operation.Layer.Visitor<Preparation> kinds) {
    for (Node node : graph.nodes()) {
      folded
          .layer(node)
          .ifPresent(
              layer -> {
                try (PointerScope temporaries = new PointerScope()) {
                  layer.operation().acceptLayer(kinds).accept(node, layer);
                }
              });
    }
  }

  /** A convolution's kernel [out, in, h, w], channels-last. */
  Tensor kernel(Operation.Convolution convolution, FoldedWeights.Layer layer) {
    Window window = convolution.window();
    return kernel(
        layer,
        convolution.outputChannels(),
        window.height(),
        window.width(),
        convolution.inputChannels());
  }

  /** A fully connected layer's kernel [out, in, 1, 1], channels-last. */
  Tensor kernel(Operation.FullyConnected connected, FoldedWeights.Layer layer) {
    return kernel(layer, connected.outputs(), 1, 1, connected.inputs());
  }

  private Tensor kernel(FoldedWeights.Layer layer, long outputs, long h, long w, long inputs) {
    return TorchTensors.written(
            layer.factors()::copyOutputsFirst, new long[] {outputs, h, w, inputs}, device)
        .to(type)
        .permute(0, 3, 1, 2);
  }

  /** The biases [out] of a layer, if it has any. */
  Optional<Tensor> biases(FoldedWeights.Layer layer) {
    return layer.offsets().map(values -> typed(values, values.length));
  }

  /** Values in the type of kernels. */
  Tensor typed(float[] values, long... shape) {
    return TorchTensors.of(values, shape, device).to(type);
  }

  /** A vector in float32. */
  Tensor vector(float[] values) {
    return TorchTensors.of(values, new long[] {values.length}, device);
  }
}
