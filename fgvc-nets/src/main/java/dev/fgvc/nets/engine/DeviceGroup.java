package dev.fgvc.nets.engine;

/**
 * A group whose processes exchange what lies in the memory of a device of each. Networks on that
 * device exchange their gradients so, without a way through the host's memory.
 *
 * <p>What the calling thread has given the device to do, on its current stream, comes before an
 * exchange; once the call has returned, what was received is there.
 */
public interface DeviceGroup extends ProcessGroup {

  /**
   * The device of this process.
   *
   * @return another one for each process of a machine, if it is a GPU
   */
  Device device();

  /**
   * Sends a part to each process and receives one from each, as {@link
   * ProcessGroup#allToAll(java.nio.ByteBuffer, java.nio.ByteBuffer)}.
   *
   * @param send one part for each rank in their order, all of one size
   * @param receive becomes the parts that the ranks sent to this one, in their order
   * @throws IllegalArgumentException if these are of another device than {@link #device}, not of
   *     one size, or do not hold as many parts as there are processes
   */
  void allToAll(DeviceMemory send, DeviceMemory receive);

  /**
   * Sends the same to all processes and receives what each sent.
   *
   * @param send what this process adds
   * @param receive becomes what the ranks sent, in their order
   * @throws IllegalArgumentException if these are of another device than {@link #device}, or the
   *     second does not hold {@link #size()} times as much as the first
   */
  void allGather(DeviceMemory send, DeviceMemory receive);

  /**
   * Sends from rank 0 to all others.
   *
   * @param values what rank 0 sends; on the others it becomes that
   * @throws IllegalArgumentException if it is of another device than {@link #device}
   */
  void broadcast(DeviceMemory values);
}
