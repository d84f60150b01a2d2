package dev.fgvc.nets.engine;

/**
 * Where and how exactly a compiled network computes.
 *
 * @param device that holds the weights and computes
 * @param precision of the products; weights are given and kept in float32 in any case. A network
 *     computes in a finer one where the CPU lacks this one, see {@link Network#precision}
 */
public record InferenceOptions(Device device, Precision precision) {

  /**
   * Float32 on the CPU.
   *
   * @return the options
   */
  public static InferenceOptions defaults() {
    return new InferenceOptions(Device.cpu(), Precision.FP32);
  }

  /**
   * The same on a device.
   *
   * @param other where to compute
   * @return new options
   */
  public InferenceOptions withDevice(Device other) {
    return new InferenceOptions(other, precision);
  }

  /**
   * The same in a precision.
   *
   * @param other how to multiply
   * @return new options
   */
  public InferenceOptions withPrecision(Precision other) {
    return new InferenceOptions(device, other);
  }
}
