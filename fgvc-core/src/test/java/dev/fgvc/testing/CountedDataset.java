package dev.fgvc.testing;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.LabeledImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A data set with given numbers of images, whose files are not there. */
public final class CountedDataset {

  private CountedDataset() {}

  /** Makes as many images of each class as its count says, class after class. */
  public static Dataset of(int... counts) {
    List<String> names = new ArrayList<>();
    List<LabeledImage> images = new ArrayList<>();
    for (int label = 0; label < counts.length; label++) {
      names.add("class " + label);
      for (int i = 0; i < counts[label]; i++) {
        images.add(image(label, i));
      }
    }
    return Dataset.of("counts", names, images);
  }

  /** Returns an image of a class by its number there, from 0. */
  public static LabeledImage image(int label, int number) {
    return new LabeledImage(Path.of(label + "/" + number), label);
  }
}
