package dev.fgvc.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Stanford Dogs (Khosla et al., 2011) as unpacked: {@code Images/SYNSET-BREED/FILE.jpg}, {@code
 * train_list.mat} and {@code test_list.mat} with {@code file_list} and {@code labels} counted from
 * 1. A class is named by its folder.
 */
final class StanfordDogs {

  private StanfordDogs() {}

  static DatasetSplits read(String name, Path root, SymbolicLinks links) throws IOException {
    MatFile train = MatFile.read(root.resolve("train_list.mat"));
    MatFile test = MatFile.read(root.resolve("test_list.mat"));
    TreeMap<Integer, String> folders = new TreeMap<>();
    collectFolders(train, folders);
    collectFolders(test, folders);
    if (folders.firstKey() != 1 || folders.lastKey() != folders.size()) {
      throw train.error("expected labels from 1 on without gaps, found " + folders.keySet());
    }
    SplitsBuilder splits = new SplitsBuilder(name, root, List.copyOf(folders.values()));
    ImageRoot images = ImageRoot.of(root, links).folder("Images");
    add(splits, images, root.resolve("train_list.mat"), train, true);
    add(splits, images, root.resolve("test_list.mat"), test, false);
    return splits.build();
  }

  private static void collectFolders(MatFile list, Map<Integer, String> folders) {
    List<String> files = list.texts("file_list");
    int[] labels = list.integers("labels");
    if (files.size() != labels.length || labels.length == 0) {
      throw list.error(
          String.format(
              Locale.ROOT,
              "expected a label for each file, found %d labels for %d files",
              labels.length,
              files.size()));
    }
    for (int i = 0; i < labels.length; i++) {
      String file = files.get(i);
      String folder = file.substring(0, Math.max(0, file.indexOf('/')));
      String known = folders.putIfAbsent(labels[i], folder);
      if (known != null && !known.equals(folder)) {
        throw list.error(
            String.format(
                Locale.ROOT,
                "expected the images of label %d in %s, found %s",
                labels[i],
                known,
                file));
      }
    }
  }

  private static void add(
      SplitsBuilder splits, ImageRoot images, Path source, MatFile list, boolean training)
      throws IOException {
    List<String> files = list.texts("file_list");
    int[] labels = list.integers("labels");
    for (int i = 0; i < labels.length; i++) {
      ListPlace place = ListPlace.entry(source, i);
      Path path = images.file(files.get(i), place);
      splits.add(place, training, path, labels[i] - 1, Optional.empty());
    }
  }
}
