package dev.fgvc.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.format.Mat5File;
import us.hebi.matlab.mat.types.Array;
import us.hebi.matlab.mat.types.Cell;
import us.hebi.matlab.mat.types.MatlabType;
import us.hebi.matlab.mat.types.Matrix;
import us.hebi.matlab.mat.types.Sink;
import us.hebi.matlab.mat.types.Sinks;
import us.hebi.matlab.mat.types.Struct;

/** A folder that tests fill with the official layouts, a few files each. Photos are empty files. */
final class Miniature {

  private final Path root;

  Miniature(Path root) {
    this.root = root;
  }

  Path root() {
    return root;
  }

  Path path(String relative) {
    return root.resolve(relative);
  }

  Miniature photos(String... relative) {
    Arrays.stream(relative).forEach(each -> write(each, ""));
    return this;
  }

  Miniature lines(String relative, String... lines) {
    return write(relative, String.join("\n", lines) + "\n");
  }

  Miniature write(String relative, String content) {
    try {
      Files.createDirectories(path(relative).getParent());
      Files.writeString(path(relative), content);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Miniature mat(String relative, Map<String, Array> variables) {
    Mat5File content = Mat5.newMatFile();
    variables.forEach(content::addArray);
    try {
      Files.createDirectories(path(relative).getParent());
      try (Sink sink = Sinks.newStreamingFile(path(relative).toFile())) {
        content.writeTo(sink);
      }
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Matrix row(int... values) {
    Matrix matrix = Mat5.newMatrix(new int[] {1, values.length}, MatlabType.UInt16);
    for (int i = 0; i < values.length; i++) {
      matrix.setInt(i, values[i]);
    }
    return matrix;
  }

  static Matrix column(double... values) {
    Matrix matrix = Mat5.newMatrix(values.length, 1);
    for (int i = 0; i < values.length; i++) {
      matrix.setDouble(i, values[i]);
    }
    return matrix;
  }

  static Cell cells(int rows, int columns, List<String> texts) {
    Cell cell = Mat5.newCell(rows, columns);
    for (int i = 0; i < texts.size(); i++) {
      cell.set(i, Mat5.newString(texts.get(i)));
    }
    return cell;
  }

  static Miniature imageNet(Path root) {
    return new Miniature(root)
        .photos("train/n02/b.JPEG", "train/n01/a.JPEG", "train/n01/c.JPEG")
        .photos("val/ILSVRC2012_val_00000002.JPEG", "val/ILSVRC2012_val_00000001.JPEG")
        .lines(ImageNet.VALIDATION_LIST, "n02", "n01");
  }

  static Miniature birds(Path root) {
    return new Miniature(root)
        .photos("images/001.Albatross/a.jpg", "images/001.Albatross/b c.jpg", "images/9.Wren/d.jpg")
        .lines("classes.txt", "1 001.Albatross", "4 Inner node", "9 9.Wren, male")
        .lines("images.txt", "1 001.Albatross/a.jpg", "x2 001.Albatross/b c.jpg", "3 9.Wren/d.jpg")
        .lines("image_class_labels.txt", "1 1", "3 9", "x2 1")
        .lines("train_test_split.txt", "1 1", "x2 0", "3 1")
        .lines("bounding_boxes.txt", "1 60.0 27.0 325.5 304.0", "x2 1 2 3 4", "3 5 6 7 8");
  }

  static Miniature aircraft(Path root) {
    return new Miniature(root)
        .photos("data/images/0001.jpg", "data/images/0002.jpg", "data/images/0003.jpg")
        .lines("data/variants.txt", "707-320", "DHC-8-100 B")
        .lines("data/images_variant_trainval.txt", "0001 707-320", "0003 DHC-8-100 B")
        .lines("data/images_variant_test.txt", "0002 DHC-8-100 B")
        .lines("data/images_box.txt", "0001 3 4 12 24", "0002 1 1 1 1", "0003 1 1 9 9");
  }

  static Miniature food(Path root) {
    return new Miniature(root)
        .photos("images/apple_pie/1.jpg", "images/apple_pie/2.jpg", "images/waffles/7.jpg")
        .lines("meta/classes.txt", "apple_pie", "waffles")
        .lines("meta/train.txt", "waffles/7", "apple_pie/1")
        .lines("meta/test.txt", "apple_pie/2");
  }

  static Miniature flowers(Path root) {
    return new Miniature(root)
        .photos("jpg/image_00001.jpg", "jpg/image_00002.jpg", "jpg/image_00003.jpg")
        .photos("jpg/image_00004.jpg", "jpg/image_00005.jpg")
        .mat("imagelabels.mat", Map.of("labels", row(1, 2, 2, 1, 3)))
        .mat("setid.mat", Map.of("trnid", row(2, 5), "valid", row(1), "tstid", row(3, 4)));
  }

  static Miniature dogs(Path root) {
    return new Miniature(root)
        .photos("Images/n02085620-Chihuahua/a.jpg", "Images/n02085620-Chihuahua/c.jpg")
        .photos("Images/n02099712-Labrador/b.jpg")
        .mat(
            "train_list.mat",
            dogList(List.of("n02085620-Chihuahua/a.jpg", "n02099712-Labrador/b.jpg"), column(1, 2)))
        .mat("test_list.mat", dogList(List.of("n02085620-Chihuahua/c.jpg"), column(1)));
  }

  static Map<String, Array> dogList(List<String> files, Matrix labels) {
    return Map.of("file_list", cells(files.size(), 1, files), "labels", labels);
  }

  /** One annotation of a car: the file and left, top, right, bottom, class and perhaps test. */
  record Car(String file, double... numbers) {}

  private static final List<String> CAR_NUMBERS =
      List.of("bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2", "class", "test");

  private static final List<String> CAR_CLASSES =
      List.of("AM General Hummer SUV 2000", "Volvo C30 Hatchback 2012");

  static Cell carNames() {
    return cells(1, 2, CAR_CLASSES);
  }

  static Struct annotations(String pathField, Car... cars) {
    Struct struct = Mat5.newStruct(1, cars.length);
    for (int i = 0; i < cars.length; i++) {
      struct.set(pathField, i, Mat5.newString(cars[i].file()));
      for (int k = 0; k < cars[i].numbers().length; k++) {
        struct.set(CAR_NUMBERS.get(k), i, Mat5.newScalar(cars[i].numbers()[k]));
      }
    }
    return struct;
  }

  static Miniature cars(Path root) {
    return carPhotos(root)
        .mat(
            "cars_annos.mat",
            Map.of(
                "class_names",
                carNames(),
                "annotations",
                annotations(
                    "relative_im_path",
                    new Car("car_ims/000001.jpg", 112, 7, 853, 717, 1, 0),
                    new Car("car_ims/000002.jpg", 48, 24, 441, 202, 2, 0),
                    new Car("car_ims/000003.jpg", 7, 4, 277, 180, 1, 1))));
  }

  static Miniature carPhotos(Path root) {
    return new Miniature(root)
        .photos("car_ims/000001.jpg", "car_ims/000002.jpg", "car_ims/000003.jpg");
  }

  static Miniature carsWithDevkit(Path root) {
    return new Miniature(root)
        .photos("cars_train/00001.jpg", "cars_train/00002.jpg", "cars_test/00001.jpg")
        .mat("devkit/cars_meta.mat", Map.of("class_names", carNames()))
        .mat(
            "devkit/cars_train_annos.mat",
            Map.of(
                "annotations",
                annotations(
                    "fname",
                    new Car("00001.jpg", 48, 24, 441, 202, 2),
                    new Car("00002.jpg", 112, 7, 853, 717, 1))))
        .mat(
            "cars_test_annos_withlabels.mat",
            Map.of("annotations", annotations("fname", new Car("00001.jpg", 7, 4, 277, 180, 1))));
  }

  /**
   * Writes the given numbers of photos of each class in val2017.json, and one of each in
   * train2017.json.
   */
  static Miniature iNaturalist(Path root, int... validationCounts) {
    Miniature miniature = new Miniature(root);
    StringBuilder[] train = {new StringBuilder(), new StringBuilder()};
    StringBuilder[] validation = {new StringBuilder(), new StringBuilder()};
    StringBuilder categories = new StringBuilder();
    int id = 0;
    for (int c = 0; c < validationCounts.length; c++) {
      // Descending numbers in the file: labels follow the numbers, not the order of the lines.
      int number = 10 * (validationCounts.length - c);
      comma(categories)
          .append(
              String.format(Locale.ROOT, "{\"id\": %d, \"name\": \"species %d\", ", number, number))
          .append(
              String.format(
                  Locale.ROOT, "\"supercategory\": \"%s\"}", c % 2 == 0 ? "Aves" : "Plantae"));
      add(miniature, train, ++id, number);
      for (int i = 0; i < validationCounts[c]; i++) {
        add(miniature, validation, ++id, number);
      }
    }
    return miniature
        .write("train2017.json", json(train, categories))
        .write("val2017.json", json(validation, categories));
  }

  private static void add(Miniature miniature, StringBuilder[] part, int id, int category) {
    String file = String.format(Locale.ROOT, "train_val_images/%d/%d.jpg", category, id);
    miniature.photos(file);
    comma(part[0])
        .append(
            String.format(
                Locale.ROOT, "{\"file_name\": \"%s\", \"id\": %d, \"width\": 8}", file, id));
    comma(part[1])
        .append(
            String.format(
                Locale.ROOT,
                "{\"id\": %d, \"image_id\": %d, \"category_id\": %d}",
                id,
                id,
                category));
  }

  private static String json(StringBuilder[] part, StringBuilder categories) {
    return String.format(
        Locale.ROOT,
        "{\"info\": {\"year\": 2017}, \"annotations\": [%s], \"images\": [%s],"
            + " \"categories\": [%s]}",
        part[1],
        part[0],
        categories);
  }

  private static StringBuilder comma(StringBuilder text) {
    return text.isEmpty() ? text : text.append(",\n");
  }
}
