package dev.fgvc.nets.arch;

/** The distribution of a variable's values before any training. */
public sealed interface Initializer {

  /**
   * Normal with mean 0, drawn again beyond two deviations.
   *
   * @param deviation of the normal before truncation
   */
  record TruncatedNormal(double deviation) implements Initializer {}

  /**
   * Uniform in [-limit, limit).
   *
   * @param limit the bound
   */
  record Uniform(double limit) implements Initializer {}

  /**
   * One value everywhere.
   *
   * @param value the value
   */
  record Constant(double value) implements Initializer {}

  /**
   * Returns the initializer that the authors' arg scopes give to convolutions: TF-slim's {@code
   * variance_scaling_initializer()}, a truncated normal with deviation sqrt(1.3 * 2 / fanIn).
   *
   * @param fanIn inputs of one output value
   * @return the initializer
   */
  static Initializer varianceScaling(int fanIn) {
    return new TruncatedNormal(Math.sqrt(1.3 * 2.0 / fanIn));
  }

  /**
   * TF-slim's default, {@code xavier_initializer()}: uniform with limit sqrt(6 / (fanIn + fanOut)).
   *
   * @param fanIn inputs of one output value
   * @param fanOut outputs that one input value reaches
   * @return the initializer
   */
  static Initializer xavier(int fanIn, int fanOut) {
    return new Uniform(Math.sqrt(6.0 / (fanIn + fanOut)));
  }
}
