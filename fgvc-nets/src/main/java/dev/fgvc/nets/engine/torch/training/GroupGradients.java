package dev.fgvc.nets.engine.torch.training;

import dev.fgvc.nets.engine.ProcessGroup;
import dev.fgvc.nets.engine.StepLoss;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The gradients and statistics of one process's batches, and their exchange with those of the other
 * processes of its group.
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
public final class GroupGradients implements AutoCloseable {

  private final String network;
  private final ProcessGroup group;
  private final RankOrder order;
  private final FlatVariables trained;
  private final VariableGradients gradients;
  private final MovingStatistics statistics;

  /** Whether all batches of a round have the same statistics, of all of them. */
  private final boolean synchronizedNorms;

  /** The loss of this process's batch, until it is exchanged. */
  private Optional<StepLoss> own = Optional.empty();

  /** The sums of the batches before that one, where it is not the update's first. */
  private Optional<Tensor> sumsBefore = Optional.empty();

  /**
   * Whether an exchange has failed, which may leave gradients and statistics half changed, or the
   * other processes waiting within it.
   */
  private boolean failed = true;

  /**
   * To be {@linkplain #reset reset} once the network's state is that of all processes.
   *
   * @param network its name, for messages
   * @param trained variables of the network, which the processes have alike
   * @param synchronizedNorms whether norms normalise by the batches of all processes
   */
  public GroupGradients(
      String network,
      ProcessGroup group,
      FlatVariables trained,
      VariableGradients gradients,
      MovingStatistics statistics,
      boolean synchronizedNorms) {
    this.network = network;
    this.group = group;
    this.order = new RankOrder(group);
    this.trained = trained;
    this.gradients = gradients;
    this.statistics = statistics;
    this.synchronizedNorms = synchronizedNorms;
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

  public int rank() {
    return group.rank();
  }

  /** Replaces a flat tensor by rank 0's. */
  public void broadcast(Tensor flat) {
    order.broadcast(flat);
  }

  /** Numbers of rank 0. */
  public long[] ofFirst(long... numbers) {
    return order.gather(numbers)[0];
  }

  /** Sets the sums aside, so that those of one more batch can be told apart. */
  public void keepSums() {
    try (PointerScope temporaries = new PointerScope()) {
      Tensor sums = gradients.sums().flat();
      if (sumsBefore.isEmpty()) {
        Tensor room = torch.empty_like(sums);
        room.retainReference();
        sumsBefore = Optional.of(room);
      }
      sumsBefore.get().copy_(sums);
      gradients.drop();
    }
  }

  /** Notes that this process's batch has been added to the gradients. */
  public void took(StepLoss loss) {
    own = Optional.of(loss);
  }

  /**
   * Notes that this process's batch has failed. Where norms exchange, those of other processes wait
   * for its, and would take the ones of the next batch for them.
   */
  public void lostBatch() {
    failed |= synchronizedNorms;
  }

  /** Begins with no batch, after the network's whole state was set. */
  public void reset() {
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
    if (own.isPresent()) {
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
   * See {@link dev.fgvc.nets.engine.TrainableNetwork#exchange}. Sends nothing before this process's
   * part in the round is known to be right.
   *
   * @param attendNorms takes part in what the norms of other processes exchange, if they do and
   *     this process has no batch
   */
  public List<StepLoss> exchange(Moment moment, Runnable attendNorms) {
    requireWhole();
    requireRound(moment.count());
    failed = true;
    try (PointerScope temporaries = new PointerScope();
        AutoGradMode mode = new AutoGradMode(false)) {
      if (synchronizedNorms && own.isEmpty()) {
        attendNorms.run();
      }
      int count = moment.count();
      List<StepLoss> losses = losses(moment);
      Tensor sums = gradients.sums().flat();
      Optional<Tensor> before = own.isPresent() ? sumsBefore : Optional.of(sums);
      order.sum(sums, moment.waiting() == 0 ? Optional.empty() : before, count);
      if (synchronizedNorms) {
        order.move(statistics, moment.updates(), 1);
      } else {
        order.move(statistics, moment.batches(), count);
      }
      own = Optional.empty();
      failed = false;
      return losses;
    }
  }

  /** The losses of all batches, once it is sure that they are parts of the same update. */
  private List<StepLoss> losses(Moment moment) {
    StepLoss part = own.orElse(new StepLoss(0, 0, 0));
    long[][] all =
        order.gather(
            Double.doubleToRawLongBits(part.crossEntropy()),
            Double.doubleToRawLongBits(part.auxiliary()),
            Double.doubleToRawLongBits(part.weightDecay()),
            moment.count(),
            moment.updates(),
            moment.batches(),
            moment.waiting(),
            weightBits());
    List<StepLoss> losses = new ArrayList<>();
    for (int rank = 0; rank < all.length; rank++) {
      String place = place(all[rank]);
      if (!place.equals(place(all[0]))) {
        throw new IllegalStateException(
            String.format(
                Locale.ROOT,
                "the processes no longer train %s alike: rank 0 is at %s, rank %d at %s. All have"
                    + " to make the same calls, on CPUs of one kind with as many threads each",
                network,
                place(all[0]),
                rank,
                place));
      }
      if (rank < moment.count()) {
        losses.add(
            new StepLoss(
                Double.longBitsToDouble(all[rank][0]),
                Double.longBitsToDouble(all[rank][1]),
                Double.longBitsToDouble(all[rank][2])));
      }
    }
    return losses;
  }

  private static String place(long[] numbers) {
    return String.format(
        Locale.ROOT,
        "%d batches in this round, %d updates, %d batches, %d waiting, weights #%x",
        numbers[3],
        numbers[4],
        numbers[5],
        numbers[6],
        numbers[7]);
  }

  /**
   * The sum of the bits of all trained weights, as integers, so that no order of adding them
   * matters: processes whose rounding differs are found out at the next exchange.
   */
  private long weightBits() {
    Tensor flat = trained.flat();
    long pairs = flat.numel() / 2;
    // By 64 bits, as libtorch would widen narrower integers one by one, in ten times the time.
    long bits = flat.narrow(0, 0, 2 * pairs).view(ScalarType.Long).sum().item_long();
    return flat.numel() % 2 == 0
        ? bits
        : bits + flat.narrow(0, 2 * pairs, 1).view(ScalarType.Int).sum().item_long();
  }

  @Override
  public void close() {
    sumsBefore.ifPresent(Tensor::releaseReference);
    order.close();
  }
}
