package dev.fgvc.nets.engine;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/**
 * The processes that train one network together, each with a part of every update's batches, as
 * this one of them sees them. All call the same methods in the same order with as many bytes; a
 * call ends when what it waits for has come. Buffers are direct; what lies between position and
 * limit is sent or written, and neither is changed. Exchanges may come from several threads, one at
 * a time; {@link #abort} from any at any time.
 *
 * <p>Every exchange throws {@link ProcessGroupException} if another process has ended or aborted
 * the group, or does not answer in time. The group is of no use after that.
 */
public interface ProcessGroup {

  /** The usual {@link #bucketBytes}. */
  long DEFAULT_BUCKET_BYTES = 4 << 20;

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
   * How many bytes of gradients are exchanged at once, while the way back through the network goes
   * on to others. Results do not depend on it.
   *
   * @return at least 1, the same on all processes; {@link #DEFAULT_BUCKET_BYTES} unless overridden.
   *     With more than a network's gradients have, all are exchanged after the way back
   */
  default long bucketBytes() {
    return DEFAULT_BUCKET_BYTES;
  }

  /**
   * Ends the group because this process has failed and will not take part in an exchange that
   * others wait for. All exchanges that begin from now on throw a {@link ProcessGroupException},
   * and so do those of the others that wait for this process; theirs names this rank and the
   * reason. An exchange of this process that is under way may go on until the others have come to
   * it or the time-out is over. Waits for no other process, and half a minute at most for what
   * keeps the reason. Does nothing if the group has ended already.
   *
   * @param reason what has failed
   */
  void abort(String reason);

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
