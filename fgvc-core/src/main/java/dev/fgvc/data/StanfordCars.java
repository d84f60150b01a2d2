package dev.fgvc.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Stanford Cars (Krause et al., 2013) in either official form: {@code car_ims/} with {@code
 * cars_annos.mat}, or {@code cars_train/} and {@code cars_test/} with {@code
 * devkit/cars_train_annos.mat}, {@code devkit/cars_meta.mat} and {@code
 * cars_test_annos_withlabels.mat} (beside or in {@code devkit/}). Classes are numbered from 1.
 */
final class StanfordCars {

  private StanfordCars() {}

  static DatasetSplits read(String name, Path root) throws IOException {
    ImageRoot images = new ImageRoot(root);
    Path single = root.resolve("cars_annos.mat");
    if (Files.exists(single)) {
      MatFile file = MatFile.read(single);
      SplitsBuilder splits = new SplitsBuilder(name, root, file.texts("class_names"));
      double[] test = file.numbers("annotations", "test");
      List<String> paths = file.texts("annotations", "relative_im_path");
      double[] classes = file.numbers("annotations", "class");
      List<Optional<BoundingBox>> boxes = boxes(file);
      for (int i = 0; i < test.length; i++) {
        ListPlace place = ListPlace.entry(single, i);
        Path path = images.file(paths.get(i), place);
        splits.add(place, test[i] == 0, path, label(file, classes[i]), boxes.get(i));
      }
      return splits.build();
    }
    Path devkit = root.resolve("devkit");
    MatFile meta = MatFile.read(devkit.resolve("cars_meta.mat"));
    SplitsBuilder splits = new SplitsBuilder(name, root, meta.texts("class_names"));
    add(splits, images, devkit.resolve("cars_train_annos.mat"), true);
    Path beside = root.resolve("cars_test_annos_withlabels.mat");
    add(
        splits,
        images,
        Files.exists(beside) ? beside : devkit.resolve("cars_test_annos_withlabels.mat"),
        false);
    return splits.build();
  }

  private static void add(SplitsBuilder splits, ImageRoot images, Path list, boolean training)
      throws IOException {
    MatFile file = MatFile.read(list);
    List<String> names = file.texts("annotations", "fname");
    double[] classes = file.numbers("annotations", "class");
    List<Optional<BoundingBox>> boxes = boxes(file);
    for (int i = 0; i < classes.length; i++) {
      String path = (training ? "cars_train/" : "cars_test/") + names.get(i);
      ListPlace place = ListPlace.entry(list, i);
      splits.add(place, training, images.file(path, place), label(file, classes[i]), boxes.get(i));
    }
  }

  private static int label(MatFile file, double number) {
    if (number != (int) number) {
      throw file.error("expected whole class numbers, found " + number);
    }
    return (int) number - 1;
  }

  /** Corners in pixels counted from 1, both inside. */
  private static List<Optional<BoundingBox>> boxes(MatFile file) {
    double[] left = file.numbers("annotations", "bbox_x1");
    double[] top = file.numbers("annotations", "bbox_y1");
    double[] right = file.numbers("annotations", "bbox_x2");
    double[] bottom = file.numbers("annotations", "bbox_y2");
    List<Optional<BoundingBox>> boxes = new ArrayList<>(left.length);
    for (int i = 0; i < left.length; i++) {
      try {
        boxes.add(
            Optional.of(
                new BoundingBox(
                    (float) (left[i] - 1),
                    (float) (top[i] - 1),
                    (float) (right[i] - left[i] + 1),
                    (float) (bottom[i] - top[i] + 1))));
      } catch (IllegalArgumentException e) {
        throw file.error(
            "expected two corners for annotation " + (i + 1) + ", found " + e.getMessage());
      }
    }
    return boxes;
  }
}
