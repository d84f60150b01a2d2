package dev.fgvc.data;

import dev.fgvc.data.TextRows.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * ImageNet (ILSVRC 2012): {@code train/SYNSET/FILE.JPEG}, and {@code val/} either sorted into
 * synset folders or flat with a list. The list is {@value #VALIDATION_LIST} beside them and has a
 * line {@code SYNSET} for each validation file in alphabetical order, or lines {@code FILE SYNSET}.
 * The classes are the synsets in alphabetical order.
 */
final class ImageNet {

  static final String VALIDATION_LIST = "imagenet_2012_validation_synset_labels.txt";

  private ImageNet() {}

  static DatasetSplits read(String name, Path root) throws IOException {
    Dataset train = ImageFolder.read(root.resolve("train")).named(name);
    Path folder = root.resolve("val");
    Path list = root.resolve(VALIDATION_LIST);
    if (!Files.exists(list)) {
      Dataset validation = ImageFolder.read(folder).named(name);
      return new DatasetSplits(name, train, validation);
    }
    Map<String, Integer> labels = new HashMap<>();
    train.classNames().forEach(synset -> labels.put(synset, labels.size()));
    SplitsBuilder splits = new SplitsBuilder(name, root, train.classNames());
    train
        .images()
        .forEach(
            image ->
                splits.add(ListPlace.whole(root), true, image.path(), image.label(), image.box()));
    addFlat(splits, folder, list, labels);
    return splits.build();
  }

  private static void addFlat(
      SplitsBuilder splits, Path folder, Path list, Map<String, Integer> labels)
      throws IOException {
    boolean named = TextRows.read(list, 1).get(0).text(0).contains(" ");
    List<Row> rows = TextRows.read(list, named ? 2 : 1);
    List<String> files = named ? rows.stream().map(row -> row.text(0)).toList() : files(folder);
    if (files.size() != rows.size()) {
      throw new DatasetFormatException(
          list,
          String.format(
              Locale.ROOT,
              "expected a line for each of %d files in %s, found %d",
              files.size(),
              folder,
              rows.size()));
    }
    ImageRoot images = new ImageRoot(folder);
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      Integer label = labels.get(row.text(named ? 1 : 0));
      if (label == null) {
        throw row.error(
            "expected a synset of train/, found \""
                + ImageRoot.shorten(row.text(named ? 1 : 0))
                + "\"");
      }
      splits.add(
          row.place(), false, images.file(files.get(i), row.place()), label, Optional.empty());
    }
  }

  private static List<String> files(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .map(path -> path.getFileName().toString())
          .filter(file -> !file.startsWith("."))
          .sorted()
          .toList();
    }
  }
}
