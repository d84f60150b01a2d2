package dev.fgvc.nets.engine;

/**
 * Some bytes of a device's memory. They belong to an engine, which keeps them while they are used.
 *
 * @param device whose memory it is
 * @param address of the first byte, as the device counts; 0 only if there are none
 * @param bytes how many
 */
public record DeviceMemory(Device device, long address, long bytes) {

  /** Refuses a negative number of bytes, and address 0 where there are bytes. */
  public DeviceMemory {
    if (bytes < 0 || address == 0 && bytes > 0) {
      throw new IllegalArgumentException(bytes + " bytes at address " + address);
    }
  }
}
