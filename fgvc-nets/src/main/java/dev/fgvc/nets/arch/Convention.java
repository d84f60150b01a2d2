package dev.fgvc.nets.arch;

/**
 * Whose details a network follows. The same architecture trained in another library differs in
 * small things that move its features by up to a quarter, so a graph must be drawn as its weights
 * were trained. Names and shapes of variables stay TF-slim's in all of them.
 */
public enum Convention {

  /** The authors' code: the paper's networks. */
  TF_SLIM,

  /**
   * {@code keras.applications}. Inceptions are TF-slim's; the ResNets pool after {@code conv1} with
   * one row and column of zeros on every side (which can win), where TF-slim pads as SAME does and
   * padding never wins, and have an epsilon of 1.001e-5.
   */
  KERAS,

  /**
   * timm and torchvision. All batch norms of the Inceptions have a gamma; average pooling inside
   * Inception-v3 counts padded cells. Inception-v4 and Inception-ResNet-v2 there do not count them,
   * being ports of TensorFlow weights. The ResNets follow TF-slim: neither library has their
   * weights in this form.
   */
  PYTORCH
}
