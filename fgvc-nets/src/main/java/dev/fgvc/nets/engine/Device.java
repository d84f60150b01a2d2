package dev.fgvc.nets.engine;

/**
 * Where a network lives and computes.
 *
 * @param kind processor or GPU
 * @param index which of several, from 0
 */
public record Device(Kind kind, int index) {

  /** The kinds of device. */
  public enum Kind {
    /** The machine's processors. */
    CPU,
    /** An NVIDIA GPU. */
    CUDA
  }

  /**
   * Refuses negative and absurd indices.
   *
   * @param kind processor or GPU
   * @param index which of several, from 0
   */
  public Device {
    if (index < 0 || index > 127 || kind == Kind.CPU && index != 0) {
      throw new IllegalArgumentException("there is no device " + kind + " " + index);
    }
  }

  /**
   * The machine's processors.
   *
   * @return the device
   */
  public static Device cpu() {
    return new Device(Kind.CPU, 0);
  }

  /**
   * An NVIDIA GPU.
   *
   * @param index from 0
   * @return the device; whether it is there shows when a network is compiled for it
   */
  public static Device cuda(int index) {
    return new Device(Kind.CUDA, index);
  }
}
