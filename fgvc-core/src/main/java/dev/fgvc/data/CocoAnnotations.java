package dev.fgvc.data;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import dev.fgvc.artifact.OptionalReader;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Annotations in the form of COCO: {@code images} (id, file_name), {@code annotations} (image_id,
 * category_id) and {@code categories} (id, name, supercategory), in any order. The file is read as
 * a stream; what it does not need is skipped.
 */
final class CocoAnnotations {

  private static final long LARGEST_ID = (1L << 53) - 1;

  private final Path file;
  private final List<String> imageFiles = new ArrayList<>();
  private final Map<Long, Integer> imageIndex = new HashMap<>();
  private final Map<Long, Long> categoryOfImage = new HashMap<>();
  private final CocoCategories categories;

  private CocoAnnotations(Path file) {
    this.file = file;
    this.categories = new CocoCategories(file);
  }

  static CocoAnnotations read(Path file) throws IOException {
    CocoAnnotations annotations = new CocoAnnotations(file);
    annotations.parse(annotations::readAll);
    return annotations;
  }

  /** Reads a file, or says that the JSON library is missing. */
  static CocoAnnotations readIfPossible(Path file) throws IOException {
    try {
      return read(file);
    } catch (NoClassDefFoundError e) {
      throw OptionalReader.JSON.missing(e);
    }
  }

  /** Reads a file that is a list of categories and nothing else. */
  static CocoCategories readCategories(Path file) throws IOException {
    CocoAnnotations annotations = new CocoAnnotations(file);
    annotations.parse(
        json -> {
          readEach(json, annotations::readCategory);
          annotations.requireEnd(json);
        });
    return annotations.categories;
  }

  private void parse(Item content) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new DatasetFormatException(file, "expected this file of the layout, found none");
    }
    try (JsonReader json = new JsonReader(TextLines.open(file))) {
      try {
        content.read(json);
      } catch (EOFException e) {
        throw new DatasetFormatException(file, "expected JSON to its end, found it truncated");
      } catch (IllegalStateException | NumberFormatException e) {
        throw error("expected another value, found " + e.getMessage());
      } catch (IOException e) {
        throw error("expected JSON in UTF-8, found " + e.getMessage());
      }
    }
  }

  private void requireEnd(JsonReader json) throws IOException {
    if (json.peek() != JsonToken.END_DOCUMENT) {
      throw error("expected nothing after the JSON value, found " + json.peek());
    }
  }

  CocoCategories categories() {
    return categories;
  }

  /** The names in ascending order of the category numbers: the order of the labels. */
  List<String> classNames() {
    return categories.names();
  }

  List<String> superCategories() {
    return categories.superCategories();
  }

  /**
   * The images with their labels, in the order of the file.
   *
   * @param seen the images found so far, none of which may come again; those of this file are added
   * @throws DatasetFormatException if an image has no label, is not there, comes twice or leaves
   *     the root
   */
  List<LabeledImage> images(ImageRoot root, Set<Path> seen) throws IOException {
    int[] labels = labels();
    List<LabeledImage> images = new ArrayList<>(labels.length);
    for (int i = 0; i < labels.length; i++) {
      ListPlace place = ListPlace.entry(file, i);
      Path path = root.file(imageFiles.get(i), place);
      if (!seen.add(path)) {
        throw place.error("expected each image once, found " + path + " again");
      }
      images.add(new LabeledImage(path, labels[i]));
    }
    return images;
  }

  /** The label of each image. */
  private int[] labels() {
    Map<Long, Integer> labelOf = new HashMap<>();
    categories.numbers().forEach(id -> labelOf.put(id, labelOf.size()));
    int[] labels = new int[imageFiles.size()];
    imageIndex.forEach(
        (id, index) -> {
          Long category = categoryOfImage.get(id);
          Integer label = category == null ? null : labelOf.get(category);
          if (label == null) {
            throw error(
                String.format(
                    Locale.ROOT,
                    "expected one of the categories for image %d, found %s",
                    id,
                    category == null ? "no annotation" : category.toString()));
          }
          labels[index] = label;
        });
    categoryOfImage.keySet().stream()
        .filter(id -> !imageIndex.containsKey(id))
        .min(Comparator.naturalOrder())
        .ifPresent(
            id -> {
              throw error(
                  String.format(
                      Locale.ROOT,
                      "expected the image of each annotation, found none of the id %d: were images"
                          + " cut off?",
                      id));
            });
    return labels;
  }

  DatasetFormatException error(String problem) {
    return new DatasetFormatException(file, problem);
  }

  private void readAll(JsonReader json) throws IOException {
    json.beginObject();
    while (json.hasNext()) {
      switch (json.nextName()) {
        case "images" -> readEach(json, this::readImage);
        case "annotations" -> readEach(json, this::readAnnotation);
        case "categories" -> readEach(json, this::readCategory);
        default -> json.skipValue();
      }
    }
    json.endObject();
    requireEnd(json);
    if (imageFiles.isEmpty() || categories.isEmpty()) {
      throw error(
          String.format(
              Locale.ROOT,
              "expected images and categories, found %d and %d",
              imageFiles.size(),
              categories.size()));
    }
  }

  private interface Item {
    void read(JsonReader json) throws IOException;
  }

  private static void readEach(JsonReader json, Item item) throws IOException {
    json.beginArray();
    while (json.hasNext()) {
      json.beginObject();
      item.read(json);
      json.endObject();
    }
    json.endArray();
  }

  /** JSON programs keep numbers as doubles, so larger ones are not what was meant. */
  private long identifier(JsonReader json) throws IOException {
    String place = json.getPath();
    long id = json.nextLong();
    if (id < 0 || id > LARGEST_ID) {
      throw error("expected a number from 0 to 2^53 - 1 at " + place + ", found " + id);
    }
    return id;
  }

  private void readImage(JsonReader json) throws IOException {
    long id = -1;
    String name = "";
    while (json.hasNext()) {
      switch (json.nextName()) {
        case "id" -> id = identifier(json);
        case "file_name" -> name = json.nextString();
        default -> json.skipValue();
      }
    }
    if (id < 0 || name.isEmpty()) {
      throw error("expected id and file_name of each image, found none before " + json.getPath());
    }
    if (imageIndex.put(id, imageFiles.size()) != null) {
      throw error("expected each image once, found " + id + " again");
    }
    imageFiles.add(name);
  }

  private void readAnnotation(JsonReader json) throws IOException {
    long image = -1;
    long category = -1;
    while (json.hasNext()) {
      switch (json.nextName()) {
        case "image_id" -> image = identifier(json);
        case "category_id" -> category = identifier(json);
        default -> json.skipValue();
      }
    }
    if (image < 0 || category < 0) {
      throw error("expected image_id and category_id, found none before " + json.getPath());
    }
    Long known = categoryOfImage.putIfAbsent(image, category);
    if (known != null && known != category) {
      throw error(
          String.format(
              Locale.ROOT,
              "expected one category for image %d, found %d and %d",
              image,
              known,
              category));
    }
  }

  private void readCategory(JsonReader json) throws IOException {
    long id = -1;
    String name = "";
    String superCategory = "";
    String[] ranks = new String[CocoCategories.RANKS.size()];
    Arrays.fill(ranks, "");
    while (json.hasNext()) {
      String key = json.nextName();
      int rank = CocoCategories.RANKS.indexOf(key);
      if (rank >= 0 && json.peek() == JsonToken.STRING) {
        ranks[rank] = json.nextString();
        continue;
      }
      switch (key) {
        case "id" -> id = identifier(json);
        case "name" -> name = json.nextString();
        case "supercategory" -> superCategory = json.nextString();
        default -> json.skipValue();
      }
    }
    if (id < 0 || name.isEmpty()) {
      throw error("expected id and name of each category, found none before " + json.getPath());
    }
    categories.add(id, new CocoCategories.Category(name, superCategory, List.of(ranks)));
  }
}
