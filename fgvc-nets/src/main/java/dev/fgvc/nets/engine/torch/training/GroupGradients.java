package dev.fgvc.nets.engine.torch.training;

import dev.fgvc.natives.NativeFailures;
import dev.fgvc.nets.engine.ProcessGroup;
import dev.fgvc.nets.engine.StepLoss;
import dev.fgvc.nets.engine.TrainingOptions;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The gradients and statistics of one process's batches, and their exchange with those of the other
 * processes of its group. Gradients are exchanged in buckets, each as soon as the way back has
 * completed it, while the way back goes on.
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
public final class GroupGradients implements AutoCloseable {

  private final String network;
  private final ProcessGroup group;
  private final RankOrder order;
  private final RoundReports reports;
  private final ExchangeThread exchanges;
  private final List<GradientBucket> buckets;
  private final VariableGradients gradients;
  private final MovingStatistics statistics;

  /** Whether all batches of a round have the same statistics, of all of them. */
  private final boolean synchronizedNorms;

  /** The loss of this process's batch, until it is exchanged. */
  private Optional<StepLoss> own = Optional.empty();

  /** Room for the sums of the batches before that one, where it is not the update's first. */
  private Optional<Tensor> sumsBefore = Optional.empty();

  private Round round = new Round(false, Optional.empty());

  /**
   * Whether an exchange has failed, which may leave gradients and statistics half changed, or the
   * other processes waiting within it.
   */
  private boolean failed = true;

  /**
   * To be {@linkplain #reset reset} once the network's state is that of all processes.
   *
   * @param network its name, for messages
   * @param walk of the network, there and back
   * @param trained variables of the network, which the processes have alike
   * @param options the network's
   * @throws IllegalArgumentException if the group exchanges the memory of another GPU
   */
  public GroupGradients(
      String network,
      ProcessGroup group,
      TrainingWalk walk,
      FlatVariables trained,
      VariableGradients gradients,
      MovingStatistics statistics,
      TrainingOptions options) {
    this.network = network;
    this.group = group;
    this.order = new RankOrder(group, options.device());
    this.reports = new RoundReports(network, order, trained);
    this.exchanges = new ExchangeThread(options.device());
    this.buckets = GradientBucket.of(walk.nodes(), trained.parameters(), group.bucketBytes());
    this.gradients = gradients;
    this.statistics = statistics;
    this.synchronizedNorms = options.syncBatchNorm();
  }

  /**
   * A moment of a run; all processes exchange at the same one.
   *
   * @param count of the processes that have a batch, from rank 0 on
   * @param updates made before
   * @param batches exchanged before, in all updates
   * @param waiting how many of them wait for the next update
   */
  public record Moment(int count, long updates, long batches, int waiting) {}

  /** The exchange of one round's gradients, which may be under way. */
  private final class Round {

    private final boolean contributes;
    private final Optional<Tensor> before;
    private int started;

    /**
     * A round of which nothing was sent.
     *
     * @param contributes whether this process has a batch
     * @param before the sums of the rounds before in the same update, if any
     */
    Round(boolean contributes, Optional<Tensor> before) {
      this.contributes = contributes;
      this.before = before;
    }

    void passed(int node) {
      while (started < buckets.size() && buckets.get(started).node() >= node) {
        GradientBucket bucket = buckets.get(started++);
        Tensor sums = gradients.complete(bucket.variables());
        exchanges.start(() -> order.sum(sums, bucket.positions(), before, contributes));
      }
    }
  }

  public int rank() {
    return group.rank();
  }

  /** Makes norms normalise by the batches of all processes from now on. */
  public void synchronize(TrainingNorms norms) {
    norms.synchronize(new WholeBatch(group, exchanges));
  }

  /** Replaces a flat tensor by rank 0's. */
  public void broadcast(Tensor flat) {
    order.broadcast(flat);
  }

  /** Numbers of rank 0. */
  public long[] ofFirst(long... numbers) {
    return order.gather(numbers)[0];
  }

  /**
   * Begins a round with a batch of this process.
   *
   * @param waiting how many batches wait for the next update
   */
  public void begin(int waiting) {
    round = new Round(true, waiting == 0 ? Optional.empty() : Optional.of(keepSums()));
  }

  /** Sets the sums aside, so that those of one more batch can be told apart. */
  private Tensor keepSums() {
    try (PointerScope temporaries = new PointerScope()) {
      Tensor sums = gradients.sums().flat();
      if (sumsBefore.isEmpty()) {
        Tensor room = torch.empty_like(sums);
        room.retainReference();
        sumsBefore = Optional.of(room);
      }
      sumsBefore.get().copy_(sums);
      gradients.drop();
      return sumsBefore.get();
    }
  }

  /** Begins to exchange the gradients that are complete, as a node had its turn. */
  public void passed(int node) {
    round.passed(node);
  }

  /** Notes that this process's batch has been added to the gradients. */
  public void took(StepLoss loss) {
    own = Optional.of(loss);
  }

  /**
   * Notes that this process's batch has failed. The group ends if others wait for a part of it, in
   * an exchange of norms or of gradients, or still have the batches before it in this update.
   */
  public void lostBatch(Throwable cause) {
    if (synchronizedNorms || round.started > 0 || round.before.isPresent()) {
      failed = true;
      group.abort(NativeFailures.firstLine(cause));
    }
  }

  /** Begins with no batch, after the network's whole state was set. */
  public void reset() {
    exchanges.reset();
    own = Optional.empty();
    failed = false;
  }

  /**
   * Refuses to go on with gradients that are not those of all processes.
   *
   * @throws IllegalStateException if a batch was not exchanged, or an exchange failed
   */
  public void requireExchanged() {
    requireWhole();
    requireNoneWaiting();
  }

  /**
   * Refuses to drop a batch that other processes wait for, unless an exchange has failed.
   *
   * @throws IllegalStateException if a batch was not exchanged
   */
  public void requireNoneWaiting() {
    if (own.isPresent() && !failed) {
      throw new IllegalStateException(
          "a batch of " + network + " waits for those of other processes; exchange it first");
    }
  }

  private void requireWhole() {
    if (failed) {
      throw new IllegalStateException(
          "an exchange of "
              + network
              + " with other processes has failed and may have left it half changed: start all"
              + " processes again from the last checkpoint");
    }
  }

  private void requireRound(int count) {
    boolean contributes = group.rank() < count;
    if (count < 1 || count > group.size() || contributes != own.isPresent()) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "%d batches of %d processes, and rank %d has %s",
              count,
              group.size(),
              group.rank(),
              own.isPresent() ? "one" : "none"));
    }
  }

  /**
   * See {@link dev.fgvc.nets.engine.TrainableNetwork#exchange}. A process without a batch sends
   * nothing before its part in the round is known to be right.
   *
   * @param attend goes the way there and back of the other processes without a batch
   */
  public List<StepLoss> exchange(Moment moment, Runnable attend) {
    requireWhole();
    requireRound(moment.count());
    failed = true;
    try (PointerScope temporaries = new PointerScope();
        AutoGradMode mode = new AutoGradMode(false)) {
      if (own.isEmpty()) {
        Optional<Tensor> before = Optional.of(gradients.sums().flat());
        round = new Round(false, moment.waiting() == 0 ? Optional.empty() : before);
        attend.run();
      }
      exchanges.await();
      List<StepLoss> losses = reports.exchange(moment, own);
      if (synchronizedNorms) {
        order.move(statistics, moment.updates(), 1);
      } else {
        order.move(statistics, moment.batches(), moment.count());
      }
      own = Optional.empty();
      failed = false;
      return losses;
    } catch (RuntimeException | Error e) {
      group.abort(NativeFailures.firstLine(e));
      throw e;
    }
  }

  @Override
  public void close() {
    if (own.isPresent() || !exchanges.isIdle()) {
      group.abort(network + " was closed in the midst of an exchange");
    }
    exchanges.close();
    sumsBefore.ifPresent(Tensor::releaseReference);
    order.close();
  }
}
