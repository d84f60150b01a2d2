package dev.fgvc.nets.engine.torch.training;

import dev.fgvc.nets.engine.StepLoss;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Reports that the processes of a group exchange at the end of a round of batches: their losses,
 * and where they are, which has to be the same for all.
 */
final class RoundReports {

  private final String network;
  private final RankOrder order;
  private final FlatVariables trained;

  /**
   * Reports of a network.
   *
   * @param network its name, for messages
   * @param trained variables, which the processes have alike
   */
  RoundReports(String network, RankOrder order, FlatVariables trained) {
    this.network = network;
    this.order = order;
    this.trained = trained;
  }

  /**
   * Exchanges the reports.
   *
   * @param own this process's loss, if it has a batch
   * @return the losses of all batches, once it is sure that they are parts of the same update
   * @throws IllegalStateException if the processes are not at the same place with the same weights
   */
  List<StepLoss> exchange(GroupGradients.Moment moment, Optional<StepLoss> own) {
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
}
