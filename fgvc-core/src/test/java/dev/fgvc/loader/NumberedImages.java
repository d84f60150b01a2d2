package dev.fgvc.loader;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.LabeledImage;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** A data set whose files are named by their positions, and are not there. */
final class NumberedImages {

  private NumberedImages() {}

  /** Makes as many images, of three classes by turns. */
  static Dataset numbered(int count) {
    List<LabeledImage> images =
        IntStream.range(0, count)
            .mapToObj(i -> new LabeledImage(Path.of(Integer.toString(i)), i % 3))
            .toList();
    return Dataset.of("numbers", List.of("a", "b", "c"), images);
  }
}
