package dev.fgvc.nets.arch;

/**
 * The operation that a node of a network computes. Activations are NCHW; scopes are prefixes of
 * variable names, so the kernel of a convolution with scope {@code S} is the parameter {@code
 * S/weights}.
 */
public sealed interface Operation {

  /**
   * The images, [n, channels, h, w].
   *
   * @param channels colour channels
   */
  record Input(int channels) implements Operation {}

  /**
   * Cross-correlation with {@code scope/weights} [h, w, in, out], plus {@code scope/biases} [out]
   * if it has any.
   *
   * @param scope prefix of the variable names
   * @param window kernel size, stride and padding with zeros
   * @param inputChannels depth of the input
   * @param outputChannels depth of the output
   * @param biases whether biases are added
   */
  record Convolution(
      String scope, Window window, int inputChannels, int outputChannels, boolean biases)
      implements Operation {}

  /**
   * A matrix product of 1x1 activations with {@code scope/weights} [in, out], plus {@code
   * scope/biases} [out].
   *
   * @param scope prefix of the variable names
   * @param inputs rows of the weights
   * @param outputs columns of the weights
   */
  record FullyConnected(String scope, int inputs, int outputs) implements Operation {}

  /**
   * Batch normalisation with {@code scope/beta}, {@code scope/moving_mean}, {@code
   * scope/moving_variance} and, if scaled, {@code scope/gamma}, each [channels]. In training the
   * batch is normalised by its biased variance and the moving variance takes the unbiased one.
   *
   * @param scope prefix of the variable names
   * @param channels depth of the activation
   * @param scaled whether there is a gamma
   * @param epsilon added to the variance
   * @param decay of the moving statistics
   */
  record BatchNorm(String scope, int channels, boolean scaled, double epsilon, double decay)
      implements Operation {}

  /** max(x, 0). */
  record Relu() implements Operation {}

  /** 1 / (1 + exp(-x)). */
  record Sigmoid() implements Operation {}

  /**
   * The largest value under the window.
   *
   * @param window size, stride and padding
   * @param countsPadding whether padded cells are zeros that can win, as after Keras' {@code
   *     ZeroPadding2D}; false: padding never wins, as everywhere in TF-slim
   */
  record MaxPool(Window window, boolean countsPadding) implements Operation {}

  /**
   * The mean under the window.
   *
   * @param window size, stride and padding
   * @param countsPadding whether padded cells are zeros that count, as in PyTorch by default;
   *     false: the mean is over real cells only, as everywhere in TensorFlow
   */
  record AveragePool(Window window, boolean countsPadding) implements Operation {}

  /**
   * Every stride-th cell from the first, along both axes.
   *
   * @param stride the step, at least 2
   */
  record Subsample(int stride) implements Operation {}

  /** The mean over all cells of each channel, as an activation of 1x1. */
  record GlobalAveragePool() implements Operation {}

  /**
   * first + scale * second.
   *
   * @param scale factor of the second input
   */
  record Add(double scale) implements Operation {}

  /**
   * An activation times a number.
   *
   * @param factor the number
   */
  record Multiply(double factor) implements Operation {}

  /** An activation times one factor per channel, given as an activation of 1x1. */
  record ScaleChannels() implements Operation {}

  /** The inputs' channels one after another. */
  record Concatenate() implements Operation {}

  /**
   * In training each value is kept with a probability and divided by it, or else becomes 0; in
   * inference nothing happens.
   *
   * @param keepProbability above 0, at most 1
   */
  record Dropout(double keepProbability) implements Operation {}
}
