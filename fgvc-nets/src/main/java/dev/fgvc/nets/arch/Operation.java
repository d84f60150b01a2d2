package dev.fgvc.nets.arch;

import dev.fgvc.random.SplitMix64;
import java.util.List;
import java.util.Locale;

/**
 * The operation that a node of a network computes. Activations are NCHW; scopes are prefixes of
 * variable names, so the kernel of a convolution with scope {@code S} is the parameter {@code
 * S/weights}.
 *
 * <p>Whoever has to handle every operation does so in a {@link Visitor}: where one is added, the
 * compiler names each of these places. Questions about a few kinds are asked of {@link Layer} and
 * {@link Sliding} or of the records themselves.
 */
public sealed interface Operation {

  /**
   * Calls the visitor's method for this operation.
   *
   * @param <R> what the visitor gives
   * @param visitor handles every operation
   * @return what the method gives
   */
  <R> R accept(Visitor<R> visitor);

  /**
   * Handles every operation, each in a method of its own.
   *
   * @param <R> what comes of an operation
   */
  interface Visitor<R> extends Layer.Visitor<R> {

    /**
     * Handles the images.
     *
     * @param input the operation
     * @return what comes of it
     */
    R input(Input input);

    /**
     * Handles a ReLU.
     *
     * @param relu the operation
     * @return what comes of it
     */
    R relu(Relu relu);

    /**
     * Handles a sigmoid.
     *
     * @param sigmoid the operation
     * @return what comes of it
     */
    R sigmoid(Sigmoid sigmoid);

    /**
     * Handles a max pooling.
     *
     * @param pool the operation
     * @return what comes of it
     */
    R maxPool(MaxPool pool);

    /**
     * Handles an average pooling.
     *
     * @param pool the operation
     * @return what comes of it
     */
    R averagePool(AveragePool pool);

    /**
     * Handles a subsampling.
     *
     * @param subsample the operation
     * @return what comes of it
     */
    R subsample(Subsample subsample);

    /**
     * Handles a global average pooling.
     *
     * @param pool the operation
     * @return what comes of it
     */
    R globalAveragePool(GlobalAveragePool pool);

    /**
     * Handles a bilinear pooling.
     *
     * @param pool the operation
     * @return what comes of it
     */
    R bilinearPool(BilinearPool pool);

    /**
     * Handles a compact bilinear pooling.
     *
     * @param pool the operation
     * @return what comes of it
     */
    R tensorSketchPool(TensorSketchPool pool);

    /**
     * Handles a signed square root.
     *
     * @param root the operation
     * @return what comes of it
     */
    R signedSquareRoot(SignedSquareRoot root);

    /**
     * Handles an l2 normalisation.
     *
     * @param norm the operation
     * @return what comes of it
     */
    R l2Normalization(L2Normalization norm);

    /**
     * Handles a sum.
     *
     * @param add the operation
     * @return what comes of it
     */
    R add(Add add);

    /**
     * Handles a product with a number.
     *
     * @param multiply the operation
     * @return what comes of it
     */
    R multiply(Multiply multiply);

    /**
     * Handles a product with a factor per channel.
     *
     * @param scale the operation
     * @return what comes of it
     */
    R scaleChannels(ScaleChannels scale);

    /**
     * Handles a concatenation.
     *
     * @param concatenate the operation
     * @return what comes of it
     */
    R concatenate(Concatenate concatenate);

    /**
     * Handles a dropout.
     *
     * @param dropout the operation
     * @return what comes of it
     */
    R dropout(Dropout dropout);
  }

  /** An operation with variables. */
  sealed interface Layer extends Operation {

    /**
     * Handles every layer, each in a method of its own.
     *
     * @param <R> what comes of a layer
     */
    interface Visitor<R> {

      /**
       * Handles a convolution.
       *
       * @param convolution the operation
       * @return what comes of it
       */
      R convolution(Convolution convolution);

      /**
       * Handles a fully connected layer.
       *
       * @param layer the operation
       * @return what comes of it
       */
      R fullyConnected(FullyConnected layer);

      /**
       * Handles a batch normalisation.
       *
       * @param norm the operation
       * @return what comes of it
       */
      R batchNorm(BatchNorm norm);
    }

    /**
     * Calls the visitor's method for this layer.
     *
     * @param <R> what the visitor gives
     * @param visitor handles every layer
     * @return what the method gives
     */
    <R> R acceptLayer(Visitor<R> visitor);

    @Override
    default <R> R accept(Operation.Visitor<R> visitor) {
      return acceptLayer(visitor);
    }

    /**
     * The prefix of the names of its variables.
     *
     * @return the scope, without a slash at its end
     */
    String scope();

    /**
     * The variables, those included that training does not change by gradients.
     *
     * @return full names
     */
    List<String> variables();

    /**
     * The multiply-adds for one image; norms, biases and activations do not count.
     *
     * @param output shape of what the layer makes
     * @return the number
     */
    long multiplyAdds(MapShape output);
  }

  /** An operation that moves a window over an activation; the window gives its output's size. */
  sealed interface Sliding extends Operation {

    /**
     * The window.
     *
     * @return size, stride and padding
     */
    Window window();
  }

  /** An operation that pools all cells of an activation to a single one. */
  sealed interface GlobalPool extends Operation {

    /**
     * The depth of the output.
     *
     * @param channels depth of the input
     * @return channels of the one cell
     * @throws IllegalArgumentException if it cannot pool that many channels
     */
    int outputs(int channels);

    /**
     * The multiply-adds for one image; sums alone do not count.
     *
     * @param input shape of the activation that is pooled
     * @return the number
     */
    long multiplyAdds(MapShape input);
  }

  /**
   * The images, [n, channels, h, w].
   *
   * @param channels colour channels
   */
  record Input(int channels) implements Operation {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.input(this);
    }
  }

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
      implements Layer, Sliding {
    @Override
    public List<String> variables() {
      return biases ? List.of(scope + "/weights", scope + "/biases") : List.of(scope + "/weights");
    }

    @Override
    public long multiplyAdds(MapShape output) {
      return output.size() * window.height() * window.width() * inputChannels;
    }

    @Override
    public <R> R acceptLayer(Layer.Visitor<R> visitor) {
      return visitor.convolution(this);
    }
  }

  /**
   * A matrix product of 1x1 activations with {@code scope/weights} [in, out], plus {@code
   * scope/biases} [out].
   *
   * @param scope prefix of the variable names
   * @param inputs rows of the weights
   * @param outputs columns of the weights
   */
  record FullyConnected(String scope, int inputs, int outputs) implements Layer {
    @Override
    public List<String> variables() {
      return List.of(scope + "/weights", scope + "/biases");
    }

    @Override
    public long multiplyAdds(MapShape output) {
      return (long) inputs * outputs;
    }

    @Override
    public <R> R acceptLayer(Layer.Visitor<R> visitor) {
      return visitor.fullyConnected(this);
    }
  }

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
      implements Layer {
    @Override
    public List<String> variables() {
      String[] moving = {scope + "/moving_mean", scope + "/moving_variance"};
      return scaled
          ? List.of(scope + "/beta", scope + "/gamma", moving[0], moving[1])
          : List.of(scope + "/beta", moving[0], moving[1]);
    }

    @Override
    public long multiplyAdds(MapShape output) {
      return 0;
    }

    @Override
    public <R> R acceptLayer(Layer.Visitor<R> visitor) {
      return visitor.batchNorm(this);
    }
  }

  /** max(x, 0). */
  record Relu() implements Operation {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.relu(this);
    }
  }

  /** 1 / (1 + exp(-x)). */
  record Sigmoid() implements Operation {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.sigmoid(this);
    }
  }

  /**
   * The largest value under the window.
   *
   * @param window size, stride and padding
   * @param countsPadding whether padded cells are zeros that can win, as after Keras' {@code
   *     ZeroPadding2D}; false: padding never wins, as everywhere in TF-slim
   */
  record MaxPool(Window window, boolean countsPadding) implements Sliding {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.maxPool(this);
    }
  }

  /**
   * The mean under the window.
   *
   * @param window size, stride and padding
   * @param countsPadding whether padded cells are zeros that count, as in PyTorch by default;
   *     false: the mean is over real cells only, as everywhere in TensorFlow
   */
  record AveragePool(Window window, boolean countsPadding) implements Sliding {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.averagePool(this);
    }
  }

  /**
   * Every stride-th cell from the first, along both axes.
   *
   * @param stride the step, at least 2
   */
  record Subsample(int stride) implements Sliding {
    /** One cell, moved by the stride without padding. */
    @Override
    public Window window() {
      return Window.square(1, stride, Padding.VALID);
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.subsample(this);
    }
  }

  /** The mean over all cells of each channel, as an activation of 1x1. */
  record GlobalAveragePool() implements GlobalPool {
    @Override
    public int outputs(int channels) {
      return channels;
    }

    @Override
    public long multiplyAdds(MapShape input) {
      return 0;
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.globalAveragePool(this);
    }
  }

  /**
   * Bilinear pooling (Lin, RoyChowdhury and Maji, "Bilinear CNN models for fine-grained visual
   * recognition", ICCV 2015) of an activation with itself: the mean over all cells of x x^T for the
   * channels x of a cell, as an activation of 1x1 whose channel i * channels + j is the mean of x_i
   * x_j. The paper takes the sum, which a following normalisation cannot tell from the mean.
   *
   * <p>Engines compute it in float32, whatever the type of the activations.
   */
  record BilinearPool() implements GlobalPool {

    /** The most channels that are pooled, which give {@code 2^24} outputs. */
    public static final int MOST_CHANNELS = 1 << 12;

    @Override
    public int outputs(int channels) {
      if (channels > MOST_CHANNELS) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "bilinear pooling of %d channels: at most %d; reduce them by a 1x1 convolution",
                channels,
                MOST_CHANNELS));
      }
      return channels * channels;
    }

    @Override
    public long multiplyAdds(MapShape input) {
      return input.size() * input.channels();
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.bilinearPool(this);
    }
  }

  /**
   * Compact bilinear pooling (Gao, Beijbom, Zhang and Darrell, CVPR 2016, algorithm 2): Pham and
   * Pagh's Tensor Sketch (KDD 2013) of {@link BilinearPool}'s output. Two count sketches of a
   * cell's channels are convolved circularly, which in the frequency domain is a product, and the
   * mean over all cells is taken. The inner product of two sketches is that of the two bilinear
   * outputs in expectation over the seeds, and nearer to it the more dimensions there are.
   *
   * <p>Engines compute it in double precision, whatever the type of the activations.
   *
   * @param dimension of the output, from 1 to {@link #MOST_DIMENSIONS}; the authors recommend 8192
   * @param seed chooses the sketches, which belong to the network as its weights do
   */
  record TensorSketchPool(int dimension, long seed) implements GlobalPool {

    /** The most dimensions, as many as {@link BilinearPool} can have. */
    public static final int MOST_DIMENSIONS = 1 << 24;

    /** Refuses dimensions out of range. */
    public TensorSketchPool {
      if (dimension < 1 || dimension > MOST_DIMENSIONS) {
        throw new IllegalArgumentException(
            "a sketch of " + dimension + " dimensions: from 1 to " + MOST_DIMENSIONS);
      }
    }

    /**
     * Draws the two count sketches, the same on every Java.
     *
     * @param channels depth of the input
     * @return two sketches of this many channels, drawn anew at each call
     */
    public List<CountSketch> sketches(int channels) {
      SplitMix64 random = new SplitMix64(seed);
      return List.of(
          CountSketch.draw(random, channels, dimension),
          CountSketch.draw(random, channels, dimension));
    }

    @Override
    public int outputs(int channels) {
      return dimension;
    }

    /** Two real Fourier transforms and a product for each cell, and one transform back. */
    @Override
    public long multiplyAdds(MapShape input) {
      long cells = (long) input.height() * input.width();
      long transform =
          (long) dimension * (Integer.SIZE - Integer.numberOfLeadingZeros(dimension - 1));
      return cells * 2 * (transform + dimension) + transform;
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.tensorSketchPool(this);
    }
  }

  /**
   * The square root with the sign of its argument, smooth at 0: x / (sqrt(|x| + epsilon) +
   * sqrt(epsilon)), which is sign(x) * (sqrt(|x| + epsilon) - sqrt(epsilon)). Its slope is 1 / (2
   * sqrt(|x| + epsilon)).
   *
   * @param epsilon above 0
   */
  record SignedSquareRoot(double epsilon) implements Operation {

    /** Refuses an epsilon that is not above 0, for which the slope at 0 would be infinite. */
    public SignedSquareRoot {
      requirePositive("signed square root", epsilon);
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.signedSquareRoot(this);
    }
  }

  /**
   * The channels x of each cell over their Euclidean norm: x / sqrt(|x|^2 + epsilon).
   *
   * @param epsilon above 0
   */
  record L2Normalization(double epsilon) implements Operation {

    /** Refuses an epsilon that is not above 0, for which a cell of zeros would have no result. */
    public L2Normalization {
      requirePositive("l2 normalisation", epsilon);
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.l2Normalization(this);
    }
  }

  private static void requirePositive(String what, double epsilon) {
    if (!(epsilon > 0 && epsilon < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(what + ": epsilon " + epsilon + " must be above 0");
    }
  }

  /**
   * first + scale * second.
   *
   * @param scale factor of the second input
   */
  record Add(double scale) implements Operation {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.add(this);
    }
  }

  /**
   * An activation times a number.
   *
   * @param factor the number
   */
  record Multiply(double factor) implements Operation {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.multiply(this);
    }
  }

  /** An activation times one factor per channel, given as an activation of 1x1. */
  record ScaleChannels() implements Operation {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.scaleChannels(this);
    }
  }

  /** The inputs' channels one after another. */
  record Concatenate() implements Operation {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.concatenate(this);
    }
  }

  /**
   * In training each value is kept with a probability and divided by it, or else becomes 0; in
   * inference nothing happens.
   *
   * @param keepProbability above 0, at most 1
   */
  record Dropout(double keepProbability) implements Operation {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.dropout(this);
    }
  }
}
