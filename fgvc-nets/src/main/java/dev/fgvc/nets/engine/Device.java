package dev.fgvc.nets.engine;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a network lives and computes.
 *
 * @param kind CPU or GPU
 * @param index which of several, from 0 to 127; 0 for the CPU
 */
public record Device(Kind kind, int index) {

  private static final Pattern NAME = Pattern.compile("cpu|(cuda)(?::(\\d{1,3}))?");

  /** The kinds of device. */
  public enum Kind {
    /** The machine's CPU. */
    CPU,
    /** An NVIDIA GPU. */
    CUDA
  }

  /** Refuses a GPU's index that is not from 0 to 127, and any but 0 for the CPU. */
  public Device {
    if (index < 0 || index > 127 || kind == Kind.CPU && index != 0) {
      throw new IllegalArgumentException("there is no device " + kind + " " + index);
    }
  }

  /**
   * The machine's CPU.
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

  /**
   * A device by the name that it has on command lines.
   *
   * @param name {@code cpu}, {@code cuda} for the first GPU, or {@code cuda:1}
   * @return the device
   * @throws IllegalArgumentException if no device is called so
   */
  public static Device named(String name) {
    Matcher parts = NAME.matcher(name);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "'" + name + "' is no device; devices are called cpu, cuda or cuda:1");
    }
    if (parts.group(1) == null) {
      return cpu();
    }
    return cuda(parts.group(2) == null ? 0 : Integer.parseInt(parts.group(2)));
  }
}
