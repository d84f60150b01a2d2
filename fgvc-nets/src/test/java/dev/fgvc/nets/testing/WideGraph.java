package dev.fgvc.nets.testing;

import dev.fgvc.nets.arch.GraphBuilder;
import dev.fgvc.nets.arch.Initializer;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Padding;
import dev.fgvc.nets.arch.Window;

/** A network of few layers whose maps are as large as a test wants them. */
public final class WideGraph {

  private WideGraph() {}

  /** One convolution to this many channels, and two classes. */
  public static NetworkGraph named(String name, int channels) {
    GraphBuilder builder = GraphBuilder.named(name);
    Window cell = Window.square(1, 1, Padding.SAME);
    Initializer one = new Initializer.Constant(1);
    Node wide = builder.convolution(builder.input(3), name + "/many", channels, cell, true, one);
    Node features = builder.globalAveragePool(wide);
    return builder.build(
        features, builder.convolution(features, name + "/logits", 2, cell, true, one));
  }
}
