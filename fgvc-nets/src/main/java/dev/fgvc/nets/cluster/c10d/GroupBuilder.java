package dev.fgvc.nets.cluster.c10d;

import static dev.fgvc.nets.cluster.c10d.C10dLibrary.C10D;

import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.ProcessGroup;
import dev.fgvc.nets.engine.ProcessGroupException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Backend;
import org.bytedeco.pytorch.PrefixStore;
import org.bytedeco.pytorch.Store;

/**
 * Settings of a group over any backend, and how its processes meet.
 *
 * @param <B> the builder itself
 */
abstract sealed class GroupBuilder<B extends GroupBuilder<B>>
    permits GlooGroup.Builder, NcclGroup.Builder {

  /** Fewer are likely meant as kilobytes or megabytes. */
  private static final long LEAST_BUCKET_BYTES = 4096;

  private final int rank;
  private final int size;
  private Optional<GroupStore> store = Optional.empty();
  private String address = "127.0.0.1";
  private int attempt;
  private Duration timeout = Duration.ofMinutes(10);
  private long bucketBytes = ProcessGroup.DEFAULT_BUCKET_BYTES;

  GroupBuilder(int rank, int size) {
    if (rank < 0 || rank >= size) {
      throw new IllegalArgumentException("rank " + rank + " of " + size + " processes");
    }
    this.rank = rank;
    this.size = size;
  }

  abstract B self();

  /** Connects with the others by a store that all of them have come to. */
  abstract Backend connect(Store meeting);

  /** The settings of the system properties, of which {@link GroupProperties} has the rank. */
  final B fromProperties() {
    store = Optional.of(GroupProperties.required("store", GroupStore::parse));
    GroupProperties.find("address", Function.identity()).ifPresent(this::address);
    GroupProperties.find("attempt", Integer::parseInt).ifPresent(this::attempt);
    GroupProperties.find("timeout", Duration::parse).ifPresent(this::timeout);
    GroupProperties.find("bucket", Long::parseLong).ifPresent(this::bucketBytes);
    return self();
  }

  /**
   * Lets the processes find each other by a file that all of them can write to, on a local disk or
   * one that is shared; NFS must support locks. No port is opened for that. Each attempt makes a
   * file of its own, with the attempt's number at the end of its name.
   *
   * @param file its path; the folder must exist, and be writable by these processes' user alone
   * @return this builder
   * @throws IllegalArgumentException if a port was set
   */
  public final B store(Path file) {
    return store(new StoreInFile(file));
  }

  private B store(GroupStore place) {
    if (store.isPresent() && store.get().getClass() != place.getClass()) {
      throw new IllegalArgumentException(
          "the store is " + store.get() + " already, and cannot be " + place + " too");
    }
    store = Optional.of(place);
    return self();
  }

  /**
   * Lets the processes find each other by a port of rank 0, for machines without a disk in common.
   * <b>libtorch opens this port on all interfaces of rank 0's machine</b>, whatever the name or
   * address given: also to networks that were not meant. Have a firewall in front of it, or use
   * {@link #store} instead.
   *
   * @param host name or address of rank 0's machine, as the others reach it
   * @param port from 1 to 65535; free on that machine
   * @return this builder
   * @throws IllegalArgumentException if a file was set
   */
  public final B storeOnAllInterfaces(String host, int port) {
    return store(new StoreOnAllInterfaces(host, port));
  }

  /**
   * Sets the address on which this process listens for others, and they reach it.
   *
   * @param value a name or an address of one of this machine's interfaces
   * @return this builder
   */
  public final B address(String value) {
    address = Objects.requireNonNull(value, "address");
    return self();
  }

  final String address() {
    return address;
  }

  final int rank() {
    return rank;
  }

  final int size() {
    return size;
  }

  /**
   * Sets how often these processes were started before, so that none meets an earlier one's traces.
   *
   * @param value at least 0, the same for all processes, and another each time
   * @return this builder
   */
  public final B attempt(int value) {
    if (value < 0) {
      throw new IllegalArgumentException("attempt " + value + " is not at least 0");
    }
    attempt = value;
    return self();
  }

  /**
   * Sets how long this process waits for others: for all to join, and in each exchange. A process
   * that ends is noticed at once; this is for one that is stopped, or whose machine is gone.
   *
   * @param value from a millisecond to a day; longer than rank 0 takes for a checkpoint and for its
   *     listeners
   * @return this builder
   */
  public final B timeout(Duration value) {
    timeout = requireTimeout(value);
    return self();
  }

  final Duration timeout() {
    return timeout;
  }

  /** Refuses a time-out that is too short or too long. */
  static Duration requireTimeout(Duration value) {
    if (value.toMillis() < 1 || value.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException(
          "a time-out of " + value + " is not from a millisecond to a day");
    }
    return value;
  }

  /**
   * Sets how many bytes of gradients are exchanged at once, as {@link ProcessGroup#bucketBytes}.
   *
   * @param value at least 4096, the same for all processes
   * @return this builder
   */
  public final B bucketBytes(long value) {
    if (value < LEAST_BUCKET_BYTES) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "buckets of %d bytes: at least %d; the property is in bytes",
              value,
              LEAST_BUCKET_BYTES));
    }
    bucketBytes = value;
    return self();
  }

  /** Meets the others and connects with them. */
  final GroupMembership meet() {
    GroupStore place =
        store.orElseThrow(
            () -> new IllegalStateException("no store was set: the processes cannot meet"));
    Engine.torch(); // loads libtorch, in a way of its own
    try {
      return meet(place);
    } catch (ProcessGroupException e) {
      if (C10dLibrary.isEndOfAnother(e)) {
        ProcessEnd.awaitSignal();
      }
      ProcessEnd.hold();
      throw e;
    }
  }

  @SuppressWarnings("try") // the pointer scope is opened for what its closing does
  private GroupMembership meet(GroupStore place) {
    return C10D.call(
        "joining rank " + rank + " of " + size + " from " + address + " by " + place,
        () -> {
          try (PointerScope temporaries = new PointerScope()) {
            Store base = place.open(rank, size, attempt, timeout);
            Store prefixed = new PrefixStore("attempt-" + attempt, counted(base));
            requireFirst(prefixed, place);
            requireSameSize(prefixed);
            Backend backend = connect(counted(prefixed));
            base.retainReference();
            backend.retainReference();
            return new GroupMembership(
                rank, size, bucketBytes, timeout, new LastWord(base, attempt), backend);
          }
        });
  }

  /**
   * A second connection to a store, for c10d to keep. A store that Java constructs has a reference
   * count of zero: what counts references to it frees it too early, and Java once more.
   */
  private Store counted(Store constructed) {
    Store counted = constructed.clone();
    counted.setTimeout(GroupStore.milliseconds(timeout));
    return counted;
  }

  /** Whichever process comes first says how many there are. */
  private void requireSameSize(Store meeting) {
    String own = Integer.toString(size);
    String first = meeting.compareSet("size", "", own);
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

  private void requireFirst(Store meeting, GroupStore place) {
    if (meeting.add("joined-" + rank, 1) != 1) {
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
