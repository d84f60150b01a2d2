package dev.fgvc.nets.experiment;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.DatasetSplits;
import dev.fgvc.data.LabeledImage;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Keeps a part of the training images back to choose hyper-parameters with, so that the validation
 * part is only ever measured with.
 */
public final class HeldOut {

  private HeldOut() {}

  /**
   * Splits training images, class by class.
   *
   * @param training the images to split
   * @param share of each class to hold out, between 0 and 1; rounded, but at least one image of
   *     each class that has two, and never all of a class
   * @param seed chooses the images
   * @return the images to fit with as train, those held out as validation
   */
  public static DatasetSplits of(Dataset training, double share, long seed) {
    if (!(share > 0 && share < 1)) {
      throw new IllegalArgumentException("held-out share " + share + " must be between 0 and 1");
    }
    List<List<Integer>> members = new ArrayList<>();
    for (int c = 0; c < training.classCount(); c++) {
      members.add(new ArrayList<>());
    }
    for (int i = 0; i < training.size(); i++) {
      members.get(training.images().get(i).label()).add(i);
    }
    Random random = new Random(seed);
    BitSet out = new BitSet();
    for (List<Integer> positions : members) {
      Collections.shuffle(positions, random);
      int size = positions.size();
      int count = Math.min(size - 1, Math.max(1, (int) Math.round(share * size)));
      for (int i = 0; i < count; i++) {
        out.set(positions.get(i));
      }
    }
    return new DatasetSplits(
        training.name(),
        part(training, training.name() + " without the held-out part", out, false),
        part(training, "held-out part of " + training.name(), out, true));
  }

  private static Dataset part(Dataset training, String name, BitSet out, boolean held) {
    List<LabeledImage> images = new ArrayList<>();
    for (int i = 0; i < training.size(); i++) {
      if (out.get(i) == held) {
        images.add(training.images().get(i));
      }
    }
    return Dataset.of(name, training.classNames(), images);
  }
}
