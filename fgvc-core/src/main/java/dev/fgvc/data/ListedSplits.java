package dev.fgvc.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Two list files before it is known what their labels mean, and the ways to find out. */
final class ListedSplits {

  private final Path root;
  private final Path trainList;
  private final Path validationList;
  private final List<LabeledImage> train;
  private final List<LabeledImage> validation;

  private ListedSplits(
      Path root,
      Path trainList,
      Path validationList,
      List<LabeledImage> train,
      List<LabeledImage> validation) {
    this.root = root.toAbsolutePath().normalize();
    this.trainList = trainList;
    this.validationList = validationList;
    this.train = train;
    this.validation = validation;
  }

  /**
   * Reads both lists with any labels.
   *
   * @throws DatasetFormatException if a line is wrong, or an image is in both
   */
  static ListedSplits read(Path trainList, Path validationList, Path root, SymbolicLinks links)
      throws IOException {
    ListedSplits splits =
        new ListedSplits(
            root,
            trainList,
            validationList,
            ListFile.read(trainList, root, Integer.MAX_VALUE, links),
            ListFile.read(validationList, root, Integer.MAX_VALUE, links));
    splits.requireDisjoint();
    return splits;
  }

  private void requireDisjoint() {
    Set<Path> known = new HashSet<>();
    train.forEach(image -> known.add(image.path()));
    for (int i = 0; i < validation.size(); i++) {
      if (known.contains(validation.get(i).path())) {
        throw ListPlace.line(validationList, i + 1)
            .error("expected no training image, found " + validation.get(i).path());
      }
    }
  }

  /** The first folder below the root; empty for an image in the root itself. */
  private String firstFolder(LabeledImage image) {
    Path relative = root.relativize(image.path());
    return relative.getNameCount() == 1 ? "" : relative.getName(0).toString();
  }

  /**
   * Whether the folders of the training images are meant as classes: there are several, all images
   * lie directly in them or have the label that the folders have anyway.
   */
  boolean isByFolder() {
    Set<String> folders = new HashSet<>();
    Set<Integer> labels = new HashSet<>();
    boolean flat = true;
    for (LabeledImage image : train) {
      folders.add(firstFolder(image));
      labels.add(image.label());
      flat &= root.relativize(image.path()).getNameCount() == 2;
    }
    boolean plausible = folders.size() > 1 || labels.size() == 1;
    return plausible
        && !folders.contains("")
        && (flat || foldersByLabel(false).size() == labels.size());
  }

  /**
   * The classes are the sub-folders.
   *
   * @param folders their names in alphabetical order
   */
  DatasetSplits byFolder(String name, List<String> folders) {
    TreeMap<Integer, String> byLabel = foldersByLabel(false);
    if (new HashSet<>(byLabel.values()).equals(new HashSet<>(folders))
        && byLabel.size() == folders.size()) {
      // Each folder has one label of its own, whichever.
      return build(name, byLabel);
    }
    requireAlphabetical(train, trainList, folders);
    requireAlphabetical(validation, validationList, folders);
    Dataset training = Dataset.of(name, folders, train);
    ImageFolder.requireImagesInEachClass(training, trainList);
    return new DatasetSplits(name, training, Dataset.of(name, folders, validation));
  }

  private void requireAlphabetical(List<LabeledImage> images, Path list, List<String> folders) {
    for (int i = 0; i < images.size(); i++) {
      LabeledImage image = images.get(i);
      ListPlace place = ListPlace.line(list, i + 1);
      if (image.label() >= folders.size()) {
        throw place.error(
            String.format(
                Locale.ROOT,
                "expected a label from 0 to %d, as there are %d class folders, found %d",
                folders.size() - 1,
                folders.size(),
                image.label()));
      }
      String expected = folders.get(image.label());
      if (!firstFolder(image).equals(expected)) {
        throw place.error(
            String.format(
                Locale.ROOT,
                "label %d is the folder %s, but the image lies in %s"
                    + " (ListFile.readSplits takes images in any folders)",
                image.label(),
                expected,
                firstFolder(image)));
      }
    }
  }

  /** The classes are the labels of the training list. */
  DatasetSplits inferred(String name) {
    TreeMap<Integer, String> names = foldersByLabel(true);
    if (names.isEmpty()) {
      train.forEach(image -> names.put(image.label(), Integer.toString(image.label())));
    }
    return build(name, names);
  }

  private DatasetSplits build(String name, TreeMap<Integer, String> names) {
    Map<Integer, Integer> classOf = new HashMap<>();
    names.keySet().forEach(label -> classOf.put(label, classOf.size()));
    List<String> classNames = List.copyOf(names.values());
    return new DatasetSplits(
        name,
        Dataset.of(name, classNames, relabelled(train, trainList, classOf)),
        Dataset.of(name, classNames, relabelled(validation, validationList, classOf)));
  }

  private static List<LabeledImage> relabelled(
      List<LabeledImage> images, Path list, Map<Integer, Integer> classOf) {
    List<LabeledImage> relabelled = new ArrayList<>(images.size());
    for (int i = 0; i < images.size(); i++) {
      LabeledImage image = images.get(i);
      Integer label = classOf.get(image.label());
      if (label == null) {
        throw ListPlace.line(list, i + 1)
            .error("expected a label of the training list, found " + image.label());
      }
      relabelled.add(
          label == image.label() ? image : new LabeledImage(image.path(), label, image.box()));
    }
    return relabelled;
  }

  /**
   * The folder of each label of the training list, if each label has one and each folder belongs to
   * one label, in both lists; otherwise empty.
   *
   * @param last whether the folder right above the image is meant, not the first below the root
   */
  private TreeMap<Integer, String> foldersByLabel(boolean last) {
    TreeMap<Integer, String> byLabel = new TreeMap<>();
    Map<String, Integer> byFolder = new HashMap<>();
    for (List<LabeledImage> images : Arrays.asList(train, validation)) {
      for (LabeledImage image : images) {
        Path parent = image.path().getParent();
        String folder = last ? parent.getFileName().toString() : firstFolder(image);
        String known = byLabel.putIfAbsent(image.label(), folder);
        Integer label = byFolder.putIfAbsent(folder, image.label());
        if ((known != null && !known.equals(folder))
            || (label != null && label != image.label())
            || folder.isEmpty()) {
          return new TreeMap<>();
        }
      }
    }
    Set<Integer> trained = new HashSet<>();
    train.forEach(image -> trained.add(image.label()));
    byLabel.keySet().retainAll(trained);
    return byLabel;
  }
}
