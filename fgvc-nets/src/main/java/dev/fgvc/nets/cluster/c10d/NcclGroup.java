package dev.fgvc.nets.cluster.c10d;

import static dev.fgvc.nets.cluster.c10d.C10dLibrary.C10D;

import dev.fgvc.natives.NativeArtifact;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.ProcessGroupException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.bytedeco.pytorch.Backend;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.StringVector;
import org.bytedeco.pytorch.Work;
import org.bytedeco.pytorch.nccl.ProcessGroupNCCL;

/**
 * A group of processes with one NVIDIA GPU each, connected by NCCL: networks on these GPUs exchange
 * gradients from one to the other, without a way through the host's memory.
 *
 * <pre>{@code
 * try (NcclGroup group = NcclGroup.join()) {
 *   TrainingOptions options = TrainingOptions.paper().toBuilder().device(group.device()).build();
 *   Recipe shared = recipe.withOptions(options).withBatchesPerUpdate(group.size());
 *   Trainer.of(Engine.torch(), shared)
 *       .withGroup(group)
 *       .train("birds", graph, start, birds.train(), resolution);
 * }
 * }</pre>
 *
 * <p>Sums are made in the order of the ranks, as over {@link GlooGroup}. NCCL's sockets are on the
 * network interface of {@link Builder#address}, unless {@code NCCL_SOCKET_IFNAME} says otherwise;
 * the first group of a process decides the interface for later ones. NCCL may use other ways that
 * it finds between GPUs, such as NVLink and InfiniBand. <b>All is sent in clear text, and nobody is
 * asked who they are</b>: use a network that is closed to others.
 *
 * <p>libtorch's build for GPUs and {@code org.bytedeco:cuda} must be on the class path, and NCCL on
 * the machine (docs/gpu.md). This group has been compiled and its parts tested over Gloo; it has
 * not run on GPUs yet.
 */
public final class NcclGroup extends C10dGroup {

  /** From one look at the GPU to the next; an exchange takes a tenth of a millisecond or more. */
  private static final Duration LOOK = Duration.ofNanos(50_000);

  /** From one look at the store to the next, for whether another process has ended the group. */
  private static final Duration STORE_LOOK = Duration.ofSeconds(1);

  private NcclGroup(GroupMembership membership, Device device) {
    super(membership, device, new Closing());
  }

  /**
   * Aborts communicators after a failure, which breaks off their exchanges, and shuts them down
   * otherwise: only then have they sent all that others wait for.
   */
  private static final class Closing implements GroupConnections.Closing {

    @Override
    public void afterFailure(Backend backend) {
      backend.abort();
    }

    @Override
    public void beforeLeaving(Backend backend) {
      backend.shutdown();
    }
  }

  /**
   * Joins the group that this process was started for, as {@link GlooGroup#join()}, with the GPU of
   * the system property {@code fgvc.group.gpu}: a number from 0, another for each process of a
   * machine. {@link LocalWorkers} sets it to the rank.
   *
   * @return the group, once all processes have joined; the caller closes it
   * @throws IllegalStateException if a property is missing
   * @throws IllegalArgumentException if the value of one is not valid
   * @throws dev.fgvc.artifact.MissingArtifactException as {@link Builder#join}
   * @throws ProcessGroupException as {@link Builder#join}
   */
  public static NcclGroup join() {
    return builder(GroupProperties.rank(), GroupProperties.size())
        .fromProperties()
        .device(Device.cuda(GroupProperties.required("gpu", Integer::parseInt)))
        .join();
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

  /**
   * Looks at the GPU until it has done the exchange: c10d's own wait sleeps for milliseconds
   * between two looks, and does not know that another process has ended the group.
   */
  @Override
  void await(Work exchange) {
    long begin = System.nanoTime();
    long lookAtStore = begin + STORE_LOOK.toNanos();
    boolean interrupted = false;
    try {
      while (!exchange.isCompleted()) {
        long now = System.nanoTime();
        if (now - begin > timeout().toNanos()) {
          throw C10dLibrary.outOfTime("no end of an exchange after " + timeout());
        }
        if (now - lookAtStore > 0) {
          requireGoingOn();
          lookAtStore = now + STORE_LOOK.toNanos();
        }
        // An interrupted thread does not park. Thread.sleep takes a millisecond on Java 17.
        interrupted |= Thread.interrupted();
        LockSupport.parkNanos(LOOK.toNanos());
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    requireUnbroken(); // an exchange that was broken off counts as completed
    exchange._wait();
  }

  /** Settings of a group; each method refuses a wrong value at once and returns this builder. */
  public static final class Builder extends GroupBuilder<Builder> {

    private Optional<Device> device = Optional.empty();

    private Builder(int rank, int size) {
      super(rank, size);
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Sets the GPU of this process.
     *
     * @param value another one for each process of a machine
     * @return this builder
     * @throws IllegalArgumentException if it is no GPU
     */
    public Builder device(Device value) {
      if (value.kind() != Device.Kind.CUDA) {
        throw new IllegalArgumentException(
            "NCCL connects GPUs, and " + value + " is none: use GlooGroup");
      }
      device = Optional.of(value);
      return this;
    }

    private Device gpu() {
      return device.orElseThrow(
          () -> new IllegalStateException("no GPU was set: each process needs one of its own"));
    }

    /**
     * Connects once nothing is left that a process could refuse: NCCL waits for the others without
     * a limit.
     */
    @Override
    Backend connect(Store meeting) {
      NcclLibrary.setEnvironment(address());
      awaitAll(meeting);
      ProcessGroupNCCL.Options options = ProcessGroupNCCL.Options.create();
      options.timeout(GroupStore.milliseconds(timeout()));
      return new ProcessGroupNCCL(meeting, rank(), size(), options);
    }

    private void awaitAll(Store meeting) {
      meeting.add("ready-" + rank(), 1);
      StringVector all = new StringVector(size());
      for (int each = 0; each < size(); each++) {
        all.put(each, "ready-" + each);
      }
      meeting._wait(all, GroupStore.milliseconds(timeout()));
    }

    /**
     * Joins the group. A process that is killed after all have met, while NCCL connects them,
     * leaves the others waiting without a limit.
     *
     * @return the group, once all processes have joined; the caller closes it
     * @throws IllegalStateException if no store or no GPU was set
     * @throws dev.fgvc.artifact.MissingArtifactException if libtorch's build for GPUs is not on the
     *     class path; the message has the lines that add it
     * @throws ProcessGroupException if NCCL is not on this machine, it has too few GPUs, the others
     *     do not join in time, were given another size, the address is none of this machine's, or
     *     this rank has joined in this attempt before
     */
    public NcclGroup join() {
      Device own = gpu();
      NcclLibrary.interfaceOf(address()); // refuses it before the others meet this process
      Engine.torch(); // loads libtorch, in a way of its own
      NcclLibrary.require(NativeArtifact.platform());
      NcclLibrary.requireGpu(C10D.call("counting GPUs", NcclLibrary::gpus), own);
      NcclGroup group = new NcclGroup(meet(), own);
      try {
        // Connects; what fails should do so here, and not amid the training.
        C10D.run("connecting GPUs", () -> group.broadcast(ByteBuffer.allocateDirect(1)));
        return group;
      } catch (RuntimeException e) {
        group.close();
        throw e;
      }
    }
  }
}
