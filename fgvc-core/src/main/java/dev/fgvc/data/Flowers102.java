package dev.fgvc.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Oxford Flowers-102 (Nilsback and Zisserman, 2008) as unpacked: {@code jpg/image_00001.jpg} and so
 * on, {@code imagelabels.mat} with a label from 1 for each, {@code setid.mat} with the numbers of
 * the images of each part. As in the paper's table 2, {@code trnid} and {@code valid} together are
 * for training. The files name no classes, so they are called by their numbers.
 */
final class Flowers102 {

  private Flowers102() {}

  static DatasetSplits read(String name, Path root, SymbolicLinks links) throws IOException {
    MatFile labelFile = MatFile.read(root.resolve("imagelabels.mat"));
    Path setFile = root.resolve("setid.mat");
    MatFile sets = MatFile.read(setFile);
    int[] labels = labelFile.integers("labels");
    int classes = Arrays.stream(labels).max().orElse(0);
    if (classes < 1 || classes > labels.length) {
      throw labelFile.error("expected labels from 1 to the classes, found a largest of " + classes);
    }
    SplitsBuilder splits =
        new SplitsBuilder(
            name, root, IntStream.rangeClosed(1, classes).mapToObj(Integer::toString).toList());
    ImageRoot images = ImageRoot.of(root, links).folder("jpg");
    for (String part : List.of("trnid", "valid", "tstid")) {
      int[] numbers = sets.integers(part);
      for (int i = 0; i < numbers.length; i++) {
        int number = numbers[i];
        ListPlace place =
            new ListPlace(setFile, String.format(Locale.ROOT, ", entry %d of %s", i + 1, part));
        if (number < 1 || number > labels.length) {
          throw place.error(
              String.format(
                  Locale.ROOT, "expected an image from 1 to %d, found %d", labels.length, number));
        }
        Path path = images.file(String.format(Locale.ROOT, "image_%05d.jpg", number), place);
        splits.add(place, !part.equals("tstid"), path, labels[number - 1] - 1, Optional.empty());
      }
    }
    return splits.build();
  }
}
