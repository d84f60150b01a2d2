package dev.fgvc.nets.cluster.spark;

import dev.fgvc.data.Dataset;
import dev.fgvc.file.BinaryReader;
import dev.fgvc.file.BinaryWriter;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Consecutive images of a data set, as a task is given them.
 *
 * @param first where they begin in the data set
 * @param images their files and labels
 */
record ImageBlock(int first, List<PlacedImage> images) {

  private static final String KIND = "image block";

  /** Some images of a data set, by absolute paths, as executors work in folders of their own. */
  static ImageBlock of(Dataset dataset, int first, int end) {
    List<PlacedImage> images = new ArrayList<>();
    for (int i = first; i < end; i++) {
      Path path = dataset.path(i);
      if (!path.getFileSystem().equals(FileSystems.getDefault())) {
        throw new IllegalArgumentException(
            path + " is in " + path.getFileSystem() + ", which executors cannot read");
      }
      images.add(
          new PlacedImage(
              path.toAbsolutePath(), dataset.images().get(i).label(), Optional.empty()));
    }
    return new ImageBlock(first, images);
  }

  /** The same images in blocks of so many, the last one of the rest. */
  List<ImageBlock> split(int size) {
    List<ImageBlock> parts = new ArrayList<>();
    for (int from = 0; from < images.size(); from += size) {
      int to = Math.min(images.size(), from + size);
      parts.add(new ImageBlock(first + from, images.subList(from, to)));
    }
    return parts;
  }

  int[] labels() {
    return images.stream().mapToInt(PlacedImage::label).toArray();
  }

  byte[] toBytes() {
    BinaryWriter writer = new BinaryWriter(KIND, 1);
    writer.putInt(first);
    writer.putInt(images.size());
    for (PlacedImage image : images) {
      writer.putText(image.name().toString());
      writer.putInt(image.label());
    }
    return writer.toBytes();
  }

  static ImageBlock fromBytes(byte[] bytes) {
    BinaryReader reader = new BinaryReader(bytes, KIND, 1, "a task's images");
    int first = reader.integer();
    int count = reader.count(2 * Integer.BYTES);
    List<PlacedImage> images = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      images.add(new PlacedImage(Path.of(reader.text()), reader.integer(), Optional.empty()));
    }
    reader.requireEnd();
    return new ImageBlock(first, images);
  }
}
