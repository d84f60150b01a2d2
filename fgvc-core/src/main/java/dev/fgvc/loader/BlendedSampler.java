package dev.fgvc.loader;

/** Goes from one sampler to another over some epochs; each place is from one of the two. */
final class BlendedSampler implements Sampler {

  private final Sampler from;
  private final Sampler to;
  private final int epochs;
  private final long seed;

  BlendedSampler(Sampler from, Sampler to, int epochs, long seed) {
    if (epochs < 2) {
      throw new IllegalArgumentException("a blend over " + epochs + " epochs: at least 2");
    }
    if (from.epochSize() > 0 && to.epochSize() < 1) {
      throw new IllegalArgumentException("a blend with a sampler that shows no image");
    }
    this.from = from;
    this.to = to;
    this.epochs = epochs;
    this.seed = seed;
  }

  @Override
  public int epochSize() {
    return from.epochSize();
  }

  @Override
  public int at(int epoch, int position) {
    Samplers.requirePlace(epoch, position, epochSize());
    int slot = KeyedPermutation.at(position, epochSize(), Seeds.mix(seed, epoch));
    if (slot >= changed(epoch)) {
      return from.at(epoch, slot);
    }
    return to.at(epochOfTarget(epoch, slot), slot % to.epochSize());
  }

  @Override
  public int[] epoch(int epoch) {
    Samplers.requireEpoch(epoch);
    int[] order = KeyedPermutation.all(epochSize(), Seeds.mix(seed, epoch));
    int changed = changed(epoch);
    int[] first = changed < order.length ? from.epoch(epoch) : new int[0];
    int[] second = new int[0];
    int[] slots = new int[changed];
    for (int slot = 0; slot < changed; slot++) {
      if (slot % to.epochSize() == 0) {
        second = to.epoch(epochOfTarget(epoch, slot));
      }
      slots[slot] = second[slot % second.length];
    }
    for (int i = 0; i < order.length; i++) {
      order[i] = order[i] < changed ? slots[order[i]] : first[order[i]];
    }
    return order;
  }

  /** How many places are from the target: none in the first epoch, all from the last on. */
  private int changed(int epoch) {
    long done = Math.min(epoch, epochs - 1);
    return (int) (done * epochSize() / (epochs - 1));
  }

  @Override
  public String toString() {
    return "from (" + from + ") to (" + to + ") over " + epochs + " epochs, seed " + seed;
  }

  /** A target smaller than an epoch is gone through several times, each time in another order. */
  private int epochOfTarget(int epoch, int slot) {
    int passes = (epochSize() - 1) / to.epochSize() + 1;
    return Math.floorMod(epoch * (long) passes + slot / to.epochSize(), Integer.MAX_VALUE);
  }
}
