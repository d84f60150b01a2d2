package dev.fgvc.nets.advisor;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.ImageFolder;
import dev.fgvc.feature.DomainFeatures;
import java.io.IOException;
import java.nio.file.Path;

/** A domain to compare: its images, or its features from an earlier day. */
public sealed interface Candidate permits Candidate.Images, Candidate.Kept {

  /**
   * A domain of images, whose features are extracted.
   *
   * @param dataset each class with at least one image
   */
  record Images(Dataset dataset) implements Candidate {

    @Override
    public String name() {
      return dataset.name();
    }
  }

  /**
   * A domain of kept features. It has no confidence interval and no example pictures, which images
   * are needed for.
   *
   * @param features by the advisor's backbone, from the same transform; this cannot be checked
   */
  record Kept(DomainFeatures features) implements Candidate {

    @Override
    public String name() {
      return features.name();
    }
  }

  /**
   * Returns the name of the domain.
   *
   * @return the name of its data set or features
   */
  String name();

  /**
   * A folder of class folders.
   *
   * @param folder as {@link ImageFolder#read(Path)} takes it; its name is the domain's
   * @return the candidate
   * @throws IOException if the folder cannot be read
   * @throws dev.fgvc.data.DatasetFormatException if it has another layout
   */
  static Candidate folder(Path folder) throws IOException {
    return new Images(ImageFolder.read(folder));
  }

  /**
   * A data set of any layout.
   *
   * @param dataset each class with at least one image
   * @return the candidate
   */
  static Candidate of(Dataset dataset) {
    return new Images(dataset);
  }

  /**
   * Kept features, such as those of {@link DomainFeatures#readNpz(Path)}.
   *
   * @param features by the same backbone from the same transform as the others
   * @return the candidate
   */
  static Candidate of(DomainFeatures features) {
    return new Kept(features);
  }
}
