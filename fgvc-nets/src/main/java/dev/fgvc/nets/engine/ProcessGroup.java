package dev.fgvc.nets.engine;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/**
 * The processes that train one network together, each with a part of every update's batches, as
 * this one of them sees them. All call the same methods in the same order with as many bytes; a
 * call ends when what it waits for has come. Buffers are direct; what lies between position and
 * limit is sent or written, and neither is changed. One thread at a time.
 *
 * <p>Every method throws {@link ProcessGroupException} if another process has ended or does not
 * answer in time. The group is of no use after that.
 */
public interface ProcessGroup {

  /**
   * The number of this process.
   *
   * @return from 0 to {@link #size()} - 1
   */
  int rank();

  /**
   * How many processes there are.
   *
   * @return at least 1
   */
  int size();

  /**
   * Sends a part to each process and receives one from each.
   *
   * @param send one part for each rank in their order, all of one size
   * @param receive becomes the parts that the ranks sent to this one, in their order
   * @throws IllegalArgumentException if the buffers are not direct, not of one size, or do not hold
   *     as many parts as there are processes
   */
  void allToAll(ByteBuffer send, ByteBuffer receive);

  /**
   * Sends the same to all processes and receives what each sent.
   *
   * @param send what this process adds
   * @param receive becomes what the ranks sent, in their order
   * @throws IllegalArgumentException if the buffers are not direct, or the second does not hold
   *     {@link #size()} times as much as the first
   */
  void allGather(ByteBuffer send, ByteBuffer receive);

  /**
   * Sends from rank 0 to all others.
   *
   * @param values what rank 0 sends; on the others it becomes that
   * @throws IllegalArgumentException if the buffer is not direct
   */
  void broadcast(ByteBuffer values);

  /**
   * Sends a text to all processes and receives what each sent, however long they are.
   *
   * @param own this process's
   * @return the texts of the ranks, in their order
   */
  default List<String> allGather(String own) {
    return GroupTexts.gather(this, own);
  }

  /**
   * Refuses processes that are not set up alike, before they train something that none of them was
   * asked for.
   *
   * @param settings what has to be the same for all processes, as texts by name
   * @throws IllegalArgumentException on all processes, naming the first rank that differs from rank
   *     0, and in what
   */
  default void requireSame(Map<String, String> settings) {
    GroupTexts.requireSame(this, settings);
  }
}
