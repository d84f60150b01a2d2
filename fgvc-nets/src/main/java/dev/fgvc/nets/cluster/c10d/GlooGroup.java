package dev.fgvc.nets.cluster.c10d;

import static dev.fgvc.nets.cluster.c10d.C10dLibrary.C10D;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.ProcessGroup;
import dev.fgvc.nets.engine.ProcessGroupException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GlooDeviceVector;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.PrefixStore;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A group of processes on one or more machines, connected by Gloo.
 *
 * <pre>{@code
 * try (GlooGroup group = GlooGroup.join()) {
 *   trainer.withGroup(group).train("birds", graph, start, birds.train(), resolution);
 * }
 * }</pre>
 *
 * <p>Each process listens on a port of its own, on {@link Builder#address} alone, and is connected
 * with all others. <b>All is sent in clear text, and nobody is asked who they are</b>: whoever
 * reaches the ports, or may write to the store, can end or falsify the training. Use a network that
 * is closed to others.
 *
 * <p>Gloo prints a line to standard output when it has connected. A call that waits for other
 * processes does not hear interrupts.
 */
public final class GlooGroup implements ProcessGroup, AutoCloseable {

  /** The system properties of {@link #join()} begin so. */
  static final String PROPERTIES = "fgvc.group.";

  /**
   * For a process whose time is out to leave its word: Gloo closes its connections before it knows.
   */
  private static final Duration HESITATION = Duration.ofMillis(300);

  private final int rank;
  private final int size;
  private final long bucketBytes;
  private final LastWord lastWord;
  private final GlooConnections connections;
  private volatile boolean closed;

  private GlooGroup(
      int rank, int size, long bucketBytes, LastWord lastWord, GlooConnections connections) {
    this.rank = rank;
    this.size = size;
    this.bucketBytes = bucketBytes;
    this.lastWord = lastWord;
    this.connections = connections;
  }

  /**
   * Joins the group that this process was started for, as the system properties say: {@code
   * fgvc.group.rank}, {@code fgvc.group.size} and {@code fgvc.group.store}, which is a file's path
   * or {@code all-interfaces:HOST:PORT}; and, where they are not the builder's, {@code
   * fgvc.group.address}, {@code fgvc.group.attempt}, {@code fgvc.group.timeout}, such as {@code
   * PT10M}, and {@code fgvc.group.bucket}. {@link LocalWorkers} sets all but the address and the
   * bucket.
   *
   * @return the group, once all processes have joined; the caller closes it
   * @throws IllegalStateException if a property is missing
   * @throws IllegalArgumentException if one has a value that is none
   * @throws ProcessGroupException as {@link Builder#join}
   */
  public static GlooGroup join() {
    Builder builder =
        builder(
            property("rank", Integer::parseInt).orElseThrow(() -> missing("rank")),
            property("size", Integer::parseInt).orElseThrow(() -> missing("size")));
    builder.store = property("store", GroupStore::parse);
    if (builder.store.isEmpty()) {
      throw missing("store");
    }
    property("address", Function.identity()).ifPresent(builder::address);
    property("attempt", Integer::parseInt).ifPresent(builder::attempt);
    property("timeout", Duration::parse).ifPresent(builder::timeout);
    property("bucket", Long::parseLong).ifPresent(builder::bucketBytes);
    return builder.join();
  }

  private static <T> Optional<T> property(String name, Function<String, T> parse) {
    Optional<String> text = Optional.ofNullable(System.getProperty(PROPERTIES + name));
    try {
      return text.map(parse);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "the system property " + PROPERTIES + name + " is '" + text.orElseThrow() + "'", e);
    }
  }

  private static IllegalStateException missing(String name) {
    return new IllegalStateException(
        "the system property "
            + PROPERTIES
            + name
            + " is not set: start this process with LocalWorkers, or set "
            + PROPERTIES
            + "rank, size and store");
  }

  /**
   * Describes this process's place in a group.
   *
   * @param rank from 0 to {@code size} - 1, another for each process
   * @param size processes in all, at least 1
   * @return a builder with the address 127.0.0.1, attempt 0 and a time-out of ten minutes
   */
  public static Builder builder(int rank, int size) {
    if (rank < 0 || rank >= size) {
      throw new IllegalArgumentException("rank " + rank + " of " + size + " processes");
    }
    return new Builder(rank, size);
  }

  /** Refuses a time-out that is none. */
  static Duration requireTimeout(Duration value) {
    if (value.toMillis() < 1 || value.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException(
          "a time-out of " + value + " is not from a millisecond to a day");
    }
    return value;
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public long bucketBytes() {
    return bucketBytes;
  }

  @Override
  public void allToAll(ByteBuffer send, ByteBuffer receive) {
    if (send.remaining() != receive.remaining() || send.remaining() % size != 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d bytes to send and %d to receive are not equal parts for %d processes",
              send.remaining(),
              receive.remaining(),
              size));
    }
    exchange(
        group ->
            C10D.run(
                exchange(),
                () ->
                    await(
                        () ->
                            group.alltoall_base(
                                tensor(receive), tensor(send), new LongVector(), new LongVector()),
                        send,
                        receive)));
  }

  @Override
  public void allGather(ByteBuffer send, ByteBuffer receive) {
    if (receive.remaining() != (long) size * send.remaining()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d bytes of each of %d processes do not fit in %d",
              send.remaining(),
              size,
              receive.remaining()));
    }
    exchange(
        group ->
            C10D.run(
                exchange(),
                () ->
                    await(
                        () -> group._allgather_base(tensor(receive), tensor(send)),
                        send,
                        receive)));
  }

  @Override
  public void broadcast(ByteBuffer values) {
    exchange(
        group ->
            C10D.run(
                exchange(),
                () -> await(() -> group.broadcast(new TensorVector(tensor(values))), values)));
  }

  private void exchange(Consumer<ProcessGroupGloo> exchange) {
    if (closed) {
      throw new IllegalStateException("this process has left the group");
    }
    try {
      connections.use(exchange);
    } catch (ProcessGroupException e) {
      throw ended(e);
    }
  }

  /** The name of an exchange in messages. */
  private String exchange() {
    return "an exchange of rank " + rank + " with " + (size - 1) + " others";
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
        C10dLibrary.isEndOfAnother(failure) ? "" : "rank " + rank + ": " + failure.getMessage();
    String word = lastWord.leave(own);
    if (word.isEmpty()) {
      Uninterruptibles.sleepUninterruptibly(HESITATION);
      word = lastWord.leave("");
    }
    boolean first = word.isEmpty() || word.equals(own);
    connections.end(first ? failure.getMessage() : word);
    return first ? failure : new ProcessGroupException(word, failure);
  }

  @Override
  public void abort(String reason) {
    if (!connections.haveEnded()) {
      String word =
          "rank " + rank + " has failed and ended the group: " + reason + C10dLibrary.RESTART;
      lastWord.leave(word);
      connections.end(word);
    }
  }

  /** Starts something, in a pointer scope, and waits for its end; keeps the buffers until then. */
  @SuppressWarnings("try") // the pointer scope is opened for what its closing does
  private static void await(Supplier<Work> start, ByteBuffer... buffers) {
    try (PointerScope temporaries = new PointerScope()) {
      start.get()._wait();
    } finally {
      Reference.reachabilityFence(buffers);
    }
  }

  private static Tensor tensor(ByteBuffer buffer) {
    if (!buffer.isDirect()) {
      throw new IllegalArgumentException("a buffer on the Java heap; use a direct one");
    }
    return torch.from_blob(
        new BytePointer(buffer.slice()),
        new long[] {buffer.remaining()},
        new TensorOptions(ScalarType.Byte));
  }

  /**
   * Leaves the group: frees its memory and closes its connections, once no exchange is under way.
   * Closing twice does nothing.
   */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      connections.end("this process has left the group");
      lastWord.close();
    }
  }

  /** Settings of a group; each method refuses a wrong value at once and returns this builder. */
  public static final class Builder {

    /** Fewer are likely meant as kilobytes or megabytes. */
    private static final long LEAST_BUCKET_BYTES = 4096;

    private final int rank;
    private final int size;
    private Optional<GroupStore> store = Optional.empty();
    private String address = "127.0.0.1";
    private int attempt;
    private Duration timeout = Duration.ofMinutes(10);
    private long bucketBytes = DEFAULT_BUCKET_BYTES;

    private Builder(int rank, int size) {
      this.rank = rank;
      this.size = size;
    }

    /**
     * Lets the processes find each other by a file that all of them can write to, on a local disk
     * or one that is shared; NFS must support locks. No port is opened for that. Each attempt makes
     * a file of its own, with the attempt's number at the end of its name.
     *
     * @param file its path; the folder must exist, and be writable by these processes' user alone
     * @return this builder
     * @throws IllegalArgumentException if a port was set
     */
    public Builder store(Path file) {
      return store(new StoreInFile(file));
    }

    private Builder store(GroupStore place) {
      if (store.isPresent() && store.get().getClass() != place.getClass()) {
        throw new IllegalArgumentException(
            "the store is " + store.get() + " already, and cannot be " + place + " too");
      }
      store = Optional.of(place);
      return this;
    }

    /**
     * Lets the processes find each other by a port of rank 0, for machines without a disk in
     * common. <b>libtorch opens this port on all interfaces of rank 0's machine</b>, whatever the
     * name or address given: also to networks that were not meant. Have a firewall in front of it,
     * or use {@link #store} instead.
     *
     * @param host name or address of rank 0's machine, as the others reach it
     * @param port from 1 to 65535; free on that machine
     * @return this builder
     * @throws IllegalArgumentException if a file was set
     */
    public Builder storeOnAllInterfaces(String host, int port) {
      return store(new StoreOnAllInterfaces(host, port));
    }

    /**
     * Sets the address on which this process listens for others, and they reach it.
     *
     * @param value a name or an address of one of this machine's interfaces
     * @return this builder
     */
    public Builder address(String value) {
      address = Objects.requireNonNull(value, "address");
      return this;
    }

    /**
     * Sets how often these processes were started before, so that none meets an earlier one's
     * traces.
     *
     * @param value at least 0, the same for all processes, and another each time
     * @return this builder
     */
    public Builder attempt(int value) {
      if (value < 0) {
        throw new IllegalArgumentException("attempt " + value + " is not at least 0");
      }
      attempt = value;
      return this;
    }

    /**
     * Sets how long this process waits for others: for all to join, and in each exchange. A process
     * that ends is noticed at once; this is for one that is stopped, or whose machine is gone.
     *
     * @param value from a millisecond to a day; longer than rank 0 takes for a checkpoint and for
     *     its listeners
     * @return this builder
     */
    public Builder timeout(Duration value) {
      timeout = requireTimeout(value);
      return this;
    }

    /**
     * Sets how many bytes of gradients are exchanged at once, as {@link ProcessGroup#bucketBytes}.
     *
     * @param value at least 4096, the same for all processes
     * @return this builder
     */
    public Builder bucketBytes(long value) {
      if (value < LEAST_BUCKET_BYTES) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "buckets of %d bytes: at least %d; the property is in bytes",
                value,
                LEAST_BUCKET_BYTES));
      }
      bucketBytes = value;
      return this;
    }

    /**
     * Joins the group.
     *
     * @return the group, once all processes have joined; the caller closes it
     * @throws IllegalStateException if no store was set
     * @throws ProcessGroupException if the others do not join in time, were given another size, the
     *     address is none of this machine's, or this rank has joined in this attempt before
     */
    @SuppressWarnings("try") // the pointer scope is opened for what its closing does
    public GlooGroup join() {
      GroupStore place =
          store.orElseThrow(
              () -> new IllegalStateException("no store was set: the processes cannot meet"));
      Engine.torch(); // loads libtorch, in a way of its own
      return C10D.call(
          "joining rank " + rank + " of " + size + " from " + address + " by " + place,
          () -> {
            try (PointerScope temporaries = new PointerScope()) {
              Store base = place.open(rank, size, attempt, timeout);
              Store prefixed = new PrefixStore("attempt-" + attempt, counted(base, timeout));
              requireFirst(prefixed, place);
              requireSameSize(prefixed);
              ProcessGroupGloo.Options options =
                  ProcessGroupGloo.Options.create(GroupStore.milliseconds(timeout));
              options.devices(
                  new GlooDeviceVector(ProcessGroupGloo.createDeviceForHostname(address)));
              ProcessGroupGloo group =
                  new ProcessGroupGloo(counted(prefixed, timeout), rank, size, options);
              base.retainReference();
              group.retainReference();
              return new GlooGroup(
                  rank, size, bucketBytes, new LastWord(base, attempt), new GlooConnections(group));
            }
          });
    }

    /**
     * A second connection to a store, for c10d to keep. A store that Java constructs has a
     * reference count of zero: what counts references to it frees it too early, and Java once more.
     */
    private static Store counted(Store constructed, Duration timeout) {
      Store counted = constructed.clone();
      counted.setTimeout(GroupStore.milliseconds(timeout));
      return counted;
    }

    /** Whichever process comes first says how many there are. */
    private void requireSameSize(Store store) {
      String own = Integer.toString(size);
      String first = store.compareSet("size", "", own);
      if (!first.equals(own)) {
        throw new ProcessGroupException(
            String.format(
                Locale.ROOT,
                "rank %d was started as one of %d processes, and another one of %s: give all the"
                    + " same size",
                rank,
                size,
                first));
      }
    }

    private void requireFirst(Store store, GroupStore place) {
      if (store.add("joined-" + rank, 1) != 1) {
        throw new ProcessGroupException(
            String.format(
                Locale.ROOT,
                "rank %d has joined attempt %d by %s before: give all processes the next number",
                rank,
                attempt,
                place));
      }
    }
  }
}
