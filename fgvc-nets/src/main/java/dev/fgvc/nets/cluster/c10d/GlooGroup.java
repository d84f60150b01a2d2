package dev.fgvc.nets.cluster.c10d;

import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.ProcessGroupException;
import org.bytedeco.pytorch.Backend;
import org.bytedeco.pytorch.GlooDeviceVector;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.Work;

/**
 * A group of processes on one or more machines, connected by Gloo, which exchanges what lies in the
 * host's memory. {@link NcclGroup} is the one for GPUs.
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
 * processes does not hear interrupts. One that fails because they end while this process is ending
 * too, as all do by a terminal's signal, throws nothing before it has ended.
 */
public final class GlooGroup extends C10dGroup {

  private GlooGroup(GroupMembership membership) {
    super(membership, Device.cpu(), GroupConnections.Closing.nothing());
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
   * @throws IllegalArgumentException if the value of one is not valid
   * @throws ProcessGroupException as {@link Builder#join}
   */
  public static GlooGroup join() {
    return builder(GroupProperties.rank(), GroupProperties.size()).fromProperties().join();
  }

  /**
   * Describes this process's place in a group.
   *
   * @param rank from 0 to {@code size} - 1, another for each process
   * @param size processes in all, at least 1
   * @return a builder with the address 127.0.0.1, attempt 0 and a time-out of ten minutes
   */
  public static Builder builder(int rank, int size) {
    return new Builder(rank, size);
  }

  @Override
  void await(Work exchange) {
    exchange._wait();
  }

  /** Settings of a group; each method refuses a wrong value at once and returns this builder. */
  public static final class Builder extends GroupBuilder<Builder> {

    private Builder(int rank, int size) {
      super(rank, size);
    }

    @Override
    Builder self() {
      return this;
    }

    @Override
    Backend connect(Store meeting) {
      ProcessGroupGloo.Options options =
          ProcessGroupGloo.Options.create(GroupStore.milliseconds(timeout()));
      options.devices(new GlooDeviceVector(ProcessGroupGloo.createDeviceForHostname(address())));
      return new ProcessGroupGloo(meeting, rank(), size(), options);
    }

    /**
     * Joins the group.
     *
     * @return the group, once all processes have joined; the caller closes it
     * @throws IllegalStateException if no store was set
     * @throws ProcessGroupException if the others do not join in time, were given another size, the
     *     address is none of this machine's, or this rank has joined in this attempt before
     */
    public GlooGroup join() {
      return new GlooGroup(meet());
    }
  }
}
