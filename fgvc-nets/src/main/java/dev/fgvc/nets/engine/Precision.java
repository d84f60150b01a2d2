package dev.fgvc.nets.engine;

/** The number format in which a compiled network multiplies. Results are float32 in any case. */
public enum Precision {

  /** IEEE 754 binary32, 24 significant bits, without silent rounding of the factors to fewer. */
  FP32,

  /**
   * bfloat16, 8 significant bits, with sums kept in float32: features within 1 % of those in {@link
   * #FP32} in the Euclidean norm, at a fraction of the time where the CPU or GPU has matrix units
   * for it. Half the memory for weights and activations.
   *
   * <p>A CPU that would not gain computes in {@link #FP32} instead, in about its time and with its
   * memory for weights; inference has half as many images in work at once for it. That is one
   * without instructions for products of bfloat16 (those of AVX-512 BF16 or AMX, or whatever oneDNN
   * uses elsewhere), and one on which they are slower than those of float32, by a measurement of
   * some 15 ms when bfloat16 is first asked for. {@link Network#precision} and {@link
   * TrainableNetwork#precision} say which of the two it is.
   */
  BF16;

  /**
   * Tells a network in this precision from the same one in another.
   *
   * @param network the identity of a network in {@link #FP32}
   * @return its identity in this precision
   */
  public String identityOf(String network) {
    return this == FP32 ? network : network + " in " + this;
  }
}
