package dev.fgvc.data;

import java.nio.file.Path;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;

/**
 * The images of a data set, read-only. Views on other lists take a few bytes an image and give the
 * very paths of what they look at.
 */
abstract class ImageList extends AbstractList<LabeledImage> implements RandomAccess {

  abstract Path path(int index);

  abstract int label(int index);

  /** A copy of the list, not of the images. */
  static ImageList of(List<LabeledImage> images) {
    return new Stored(images.toArray(LabeledImage[]::new));
  }

  /**
   * Selected images with renumbered classes: 4 bytes for each image and 4 for each class of the
   * original.
   */
  static ImageList select(ImageList images, int[] positions, int[] newLabels) {
    return new Selected(images, positions, newLabels);
  }

  /** Several lists, one after the other, the labels of each shifted by a number of its own. */
  static ImageList join(List<ImageList> parts, int[] firstLabels) {
    return new Joined(parts.toArray(ImageList[]::new), firstLabels);
  }

  private static final class Stored extends ImageList {

    private final LabeledImage[] images;

    Stored(LabeledImage[] images) {
      this.images = images;
    }

    @Override
    public LabeledImage get(int index) {
      return images[index];
    }

    @Override
    Path path(int index) {
      return images[index].path();
    }

    @Override
    int label(int index) {
      return images[index].label();
    }

    @Override
    public int size() {
      return images.length;
    }
  }

  private static final class Selected extends ImageList {

    private final ImageList whole;
    private final int[] positions;
    private final int[] newLabels;

    Selected(ImageList whole, int[] positions, int[] newLabels) {
      this.whole = whole;
      this.positions = positions;
      this.newLabels = newLabels;
    }

    @Override
    public LabeledImage get(int index) {
      LabeledImage image = whole.get(positions[index]);
      return relabelled(image, newLabels[image.label()]);
    }

    @Override
    Path path(int index) {
      return whole.path(positions[index]);
    }

    @Override
    int label(int index) {
      return newLabels[whole.label(positions[index])];
    }

    @Override
    public int size() {
      return positions.length;
    }
  }

  private static final class Joined extends ImageList {

    private final ImageList[] parts;
    private final int[] firstLabels;
    private final int[] starts;

    Joined(ImageList[] parts, int[] firstLabels) {
      this.parts = parts;
      this.firstLabels = firstLabels;
      this.starts = new int[parts.length + 1];
      for (int i = 0; i < parts.length; i++) {
        starts[i + 1] = Math.addExact(starts[i], parts[i].size());
      }
    }

    /** The last part that starts at or before the place; those before it may be empty. */
    private int part(int index) {
      if (index < 0 || index >= size()) {
        throw new IndexOutOfBoundsException("image " + index + " of " + size());
      }
      int found = Arrays.binarySearch(starts, index + 1);
      int next = found < 0 ? -found - 1 : found;
      while (starts[next - 1] > index) {
        next--;
      }
      return next - 1;
    }

    @Override
    public LabeledImage get(int index) {
      int part = part(index);
      LabeledImage image = parts[part].get(index - starts[part]);
      return relabelled(image, firstLabels[part] + image.label());
    }

    @Override
    Path path(int index) {
      int part = part(index);
      return parts[part].path(index - starts[part]);
    }

    @Override
    int label(int index) {
      int part = part(index);
      return firstLabels[part] + parts[part].label(index - starts[part]);
    }

    @Override
    public int size() {
      return starts[parts.length];
    }
  }

  private static LabeledImage relabelled(LabeledImage image, int label) {
    return image.label() == label ? image : new LabeledImage(image.path(), label, image.box());
  }
}
