package dev.fgvc.data;

import dev.fgvc.data.TextRows.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * ImageNet (ILSVRC 2012): {@code train/SYNSET/FILE.JPEG}, and {@code val/} either sorted into
 * synset folders or flat with a list. The list is {@value #VALIDATION_LIST} beside them and has a
 * line {@code SYNSET} for each validation file in alphabetical order, or lines {@code FILE SYNSET}.
 * The classes are the synsets in alphabetical order.
 */
final class ImageNet {

  static final String VALIDATION_LIST = "imagenet_2012_validation_synset_labels.txt";

  private ImageNet() {}

  static DatasetSplits read(String name, Path root, SymbolicLinks links) throws IOException {
    ImageRoot images = ImageRoot.of(root, links);
    Dataset train = ImageFolder.read(images.folder("train"), name);
    Path list = root.resolve(VALIDATION_LIST);
    if (!Files.exists(list)) {
      Dataset validation =
          ImageFolder.readPart(images.folder("val"), name, train.classNames(), "train");
      return new DatasetSplits(name, train, validation);
    }
    SplitsBuilder splits = new SplitsBuilder(name, root, train.classNames());
    train
        .images()
        .forEach(
            image ->
                splits.add(ListPlace.whole(root), true, image.path(), image.label(), image.box()));
    addFlat(splits, images.folder("val"), list, ClassLabels.of(train.classNames(), "train/"));
    return splits.build();
  }

  private static void addFlat(SplitsBuilder splits, ImageRoot images, Path list, ClassLabels labels)
      throws IOException {
    Path folder = images.path();
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
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      int label = labels.label(row.text(named ? 1 : 0), "a synset", row.place());
      splits.add(
          row.place(), false, images.file(files.get(i), row.place()), label, Optional.empty());
    }
  }

  private static List<String> files(Path folder) throws IOException {
    return ImageFolder.visible(folder).stream().map(path -> path.getFileName().toString()).toList();
  }
}
