package dev.fgvc.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Stanford Cars (Krause et al., 2013) in either official form: {@code car_ims/} with {@code
 * cars_annos.mat}, or {@code cars_train/} and {@code cars_test/} with {@code cars_train_annos.mat},
 * {@code cars_meta.mat} and {@code cars_test_annos_withlabels.mat}, each in {@code devkit/} or
 * beside the folders; photos may lie a folder of the same name deeper, as in some copies. Classes
 * are numbered from 1. Copies without annotations have {@code train/CLASS/} and {@code
 * test/CLASS/}, perhaps in {@code car_data/}.
 */
final class StanfordCars {

  private static final String SINGLE = "cars_annos.mat";

  private StanfordCars() {}

  static DatasetSplits read(String name, Path root, SymbolicLinks links) throws IOException {
    if (Files.exists(root.resolve(SINGLE)) && !Files.isDirectory(root.resolve("cars_train"))) {
      return readSingle(name, root, links);
    }
    Path meta = devkitFile(root, "cars_meta.mat");
    Path folders = classFolders(root);
    if (!Files.exists(meta) && Files.isDirectory(folders.resolve("train"))) {
      DatasetSplits splits = ImageFolder.readSplits(folders, links);
      return new DatasetSplits(name, splits.train().named(name), splits.validation().named(name));
    }
    SplitsBuilder splits = new SplitsBuilder(name, root, MatFile.read(meta).texts("class_names"));
    ImageRoot images = ImageRoot.of(root, links);
    add(splits, images, "cars_train", devkitFile(root, "cars_train_annos.mat"), true);
    add(splits, images, "cars_test", devkitFile(root, "cars_test_annos_withlabels.mat"), false);
    return splits.build();
  }

  private static DatasetSplits readSingle(String name, Path root, SymbolicLinks links)
      throws IOException {
    ImageRoot images = ImageRoot.of(root, links);
    Path single = root.resolve(SINGLE);
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

  /** Beside the folders if it is there, else where the devkit has it. */
  private static Path devkitFile(Path root, String name) {
    Path beside = root.resolve(name);
    return Files.exists(beside) ? beside : root.resolve("devkit").resolve(name);
  }

  private static Path classFolders(Path root) {
    Path folders = root;
    while (!Files.isDirectory(folders.resolve("train"))
        && Files.isDirectory(folders.resolve("car_data"))) {
      folders = folders.resolve("car_data");
    }
    return folders;
  }

  private static void add(
      SplitsBuilder splits, ImageRoot root, String folder, Path list, boolean training)
      throws IOException {
    MatFile file = MatFile.read(list);
    List<String> names = file.texts("annotations", "fname");
    double[] classes = file.numbers("annotations", "class");
    List<Optional<BoundingBox>> boxes = boxes(file);
    ImageRoot images = root.folder(folder);
    if (Files.isDirectory(images.path().resolve(folder))) {
      images = images.folder(folder);
    }
    for (int i = 0; i < classes.length; i++) {
      ListPlace place = ListPlace.entry(list, i);
      Path path = images.file(names.get(i), place);
      splits.add(place, training, path, label(file, classes[i]), boxes.get(i));
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
