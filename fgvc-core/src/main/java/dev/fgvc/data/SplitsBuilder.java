package dev.fgvc.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Collects the two parts of a data set; refuses an image that comes twice. */
final class SplitsBuilder {

  private final String name;
  private final Path source;
  private final List<String> classNames;
  private final List<LabeledImage> train = new ArrayList<>();
  private final List<LabeledImage> validation = new ArrayList<>();
  private final Set<Path> seen = new HashSet<>();

  SplitsBuilder(String name, Path source, List<String> classNames) {
    this.name = name;
    this.source = source;
    this.classNames = List.copyOf(classNames);
  }

  /**
   * One image.
   *
   * @param place where it is listed
   */
  void add(ListPlace place, boolean training, Path path, int label, Optional<BoundingBox> box) {
    if (label < 0 || label >= classNames.size()) {
      throw place.error(
          String.format(
              Locale.ROOT,
              "expected one of %d classes, found number %d for %s",
              classNames.size(),
              label + 1L,
              path));
    }
    if (!seen.add(path)) {
      throw place.error("expected each image once, found " + path + " again");
    }
    (training ? train : validation).add(new LabeledImage(path, label, box));
  }

  DatasetSplits build() {
    Dataset training = Dataset.of(name, classNames, train);
    ImageFolder.requireImagesInEachClass(training, source);
    return new DatasetSplits(name, training, Dataset.of(name, classNames, validation));
  }
}
