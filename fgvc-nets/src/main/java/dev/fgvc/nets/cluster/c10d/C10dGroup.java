package dev.fgvc.nets.cluster.c10d;

import static dev.fgvc.nets.cluster.c10d.C10dLibrary.C10D;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.DeviceGroup;
import dev.fgvc.nets.engine.DeviceMemory;
import dev.fgvc.nets.engine.ProcessGroupException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Backend;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;

/**
 * A group over one of c10d's backends, which computes on tensors of one device. What lies elsewhere
 * is copied there and back.
 */
abstract sealed class C10dGroup implements DeviceGroup, AutoCloseable permits GlooGroup, NcclGroup {

  /**
   * Time for another process to leave its word when its exchange has timed out: Gloo closes the
   * connections before that process hears of it.
   */
  private static final Duration HESITATION = Duration.ofMillis(300);

  private final GroupMembership membership;
  private final Device device;
  private final GroupConnections connections;
  private volatile boolean closed;

  /**
   * A member that has joined.
   *
   * @param device of the tensors that the backend takes
   */
  C10dGroup(GroupMembership membership, Device device, GroupConnections.Closing closing) {
    this.membership = membership;
    this.device = device;
    this.connections = new GroupConnections(membership.backend(), closing);
  }

  /** An exchange of a backend, of what it sends and what it receives. */
  private interface Collective {
    Work start(Backend backend, Tensor send, Tensor receive);
  }

  /** Waits for an exchange on this thread; what was received is there then. */
  abstract void await(Work exchange);

  @Override
  public final int rank() {
    return membership.rank();
  }

  @Override
  public final int size() {
    return membership.size();
  }

  @Override
  public final Device device() {
    return device;
  }

  @Override
  public final long bucketBytes() {
    return membership.bucketBytes();
  }

  @Override
  public final void allToAll(ByteBuffer send, ByteBuffer receive) {
    requireParts(send.remaining(), receive.remaining());
    exchange(C10dGroup::allToAll, () -> ByteTensors.of(send), () -> ByteTensors.of(receive));
    Reference.reachabilityFence(send);
    Reference.reachabilityFence(receive);
  }

  @Override
  public final void allToAll(DeviceMemory send, DeviceMemory receive) {
    requireParts(send.bytes(), receive.bytes());
    requireOnDevice(send);
    requireOnDevice(receive);
    exchange(C10dGroup::allToAll, () -> ByteTensors.of(send), () -> ByteTensors.of(receive));
  }

  private static Work allToAll(Backend backend, Tensor send, Tensor receive) {
    return backend.alltoall_base(receive, send, new LongVector(), new LongVector());
  }

  private void requireParts(long send, long receive) {
    if (send != receive || send % size() != 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d bytes to send and %d to receive are not equal parts for %d processes",
              send,
              receive,
              size()));
    }
  }

  @Override
  public final void allGather(ByteBuffer send, ByteBuffer receive) {
    requireRoom(send.remaining(), receive.remaining());
    exchange(C10dGroup::allGather, () -> ByteTensors.of(send), () -> ByteTensors.of(receive));
    Reference.reachabilityFence(send);
    Reference.reachabilityFence(receive);
  }

  @Override
  public final void allGather(DeviceMemory send, DeviceMemory receive) {
    requireRoom(send.bytes(), receive.bytes());
    requireOnDevice(send);
    requireOnDevice(receive);
    exchange(C10dGroup::allGather, () -> ByteTensors.of(send), () -> ByteTensors.of(receive));
  }

  private static Work allGather(Backend backend, Tensor send, Tensor receive) {
    return backend._allgather_base(receive, send);
  }

  private void requireRoom(long send, long receive) {
    if (receive != size() * send) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d bytes of each of %d processes do not fit in %d",
              send,
              size(),
              receive));
    }
  }

  @Override
  public final void broadcast(ByteBuffer values) {
    broadcast(() -> ByteTensors.of(values));
    Reference.reachabilityFence(values);
  }

  @Override
  public final void broadcast(DeviceMemory values) {
    requireOnDevice(values);
    broadcast(() -> ByteTensors.of(values));
  }

  private void broadcast(Supplier<Tensor> values) {
    exchange(backend -> fill(values.get(), all -> backend.broadcast(new TensorVector(all))));
  }

  private void requireOnDevice(DeviceMemory memory) {
    if (!memory.device().equals(device)) {
      throw new IllegalArgumentException(
          "memory of "
              + memory.device()
              + ": this process of the group exchanges that of "
              + device);
    }
  }

  private void exchange(Collective collective, Supplier<Tensor> send, Supplier<Tensor> receive) {
    exchange(
        backend -> {
          Tensor source = ByteTensors.on(device, send.get());
          fill(receive.get(), target -> collective.start(backend, source, target));
        });
  }

  /**
   * Fills a tensor by an exchange.
   *
   * @param exchange starts it, given the tensor, or a copy on this group's device
   */
  private void fill(Tensor received, Function<Tensor, Work> exchange) {
    Tensor target = ByteTensors.on(device, received);
    await(exchange.apply(target));
    if (!target.is_alias_of(received)) {
      received.copy_(target);
    }
  }

  @SuppressWarnings("try") // the pointer scope is opened for what its closing does
  private void exchange(Consumer<Backend> exchange) {
    if (closed) {
      throw new IllegalStateException("this process has left the group");
    }
    try {
      connections.use(
          backend ->
              C10D.run(
                  "an exchange of rank " + rank() + " with " + (size() - 1) + " others",
                  () -> {
                    try (PointerScope temporaries = new PointerScope()) {
                      exchange.accept(backend);
                    }
                  }));
    } catch (ProcessGroupException e) {
      throw ended(e);
    }
  }

  /**
   * Ends the group after an exchange has failed, in the words of whoever has ended it before. The
   * first one leaves its own for the others, unless it knows of no reason.
   */
  private ProcessGroupException ended(ProcessGroupException failure) {
    if (connections.haveEnded()) {
      return failure;
    }
    String own =
        C10dLibrary.isEndOfAnother(failure) ? "" : "rank " + rank() + ": " + failure.getMessage();
    String word = membership.lastWord().leave(own);
    if (word.isEmpty()) {
      Uninterruptibles.sleepUninterruptibly(HESITATION);
      word = membership.lastWord().leave("");
    }
    boolean first = word.isEmpty() || word.equals(own);
    connections.fail(first ? failure.getMessage() : word).ifPresent(failure::addSuppressed);
    if (own.isEmpty() && word.isEmpty()) {
      ProcessEnd.awaitSignal();
    }
    ProcessEnd.hold();
    return first ? failure : new ProcessGroupException(word, failure);
  }

  @Override
  public final void abort(String reason) {
    if (!connections.haveEnded()) {
      String word =
          "rank " + rank() + " has failed and ended the group: " + reason + C10dLibrary.RESTART;
      membership.lastWord().leave(word);
      connections.fail(word);
    }
  }

  /** Refuses to go on where this process has ended the group. */
  final void requireUnbroken() {
    connections.requireGoingOn();
  }

  /**
   * Refuses to wait for a group that has ended, on this process or another one.
   *
   * @throws ProcessGroupException in the words of whoever has ended it
   */
  final void requireGoingOn() {
    requireUnbroken();
    String word = membership.lastWord().leave("");
    if (!word.isEmpty()) {
      throw new ProcessGroupException(word);
    }
  }

  final Duration timeout() {
    return membership.timeout();
  }

  /**
   * Leaves the group: frees its memory and closes its connections, once no exchange is under way.
   * Closing twice does nothing.
   */
  @Override
  public final void close() {
    if (!closed) {
      closed = true;
      try {
        connections.leave("this process has left the group");
      } finally {
        membership.lastWord().close();
      }
    }
  }
}
