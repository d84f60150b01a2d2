package dev.fgvc.nets.advisor;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.LabeledImage;
import dev.fgvc.emd.DomainSimilarity;
import dev.fgvc.emd.ImageDomain;
import dev.fgvc.emd.SourceSelection;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.feature.FeatureShards;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A domain whose features are there.
 *
 * @param features its class means
 * @param dataset its images, if they are at hand
 * @param shards the features of all images, if they were extracted here
 */
record ComparedDomain(
    DomainFeatures features, Optional<Dataset> dataset, Optional<FeatureShards> shards) {

  String name() {
    return features.name();
  }

  double imageCount() {
    return Arrays.stream(features.imageCounts()).sum();
  }

  /** The features of all images, read anew each time, as two domains at once are enough. */
  Optional<ImageDomain> images() throws IOException {
    if (shards.isEmpty()) {
      return Optional.empty();
    }
    FeatureShards all = shards.get();
    return Optional.of(new ImageDomain(name(), all.features(), all.labels()));
  }

  /** All classes, the most similar to the target first. */
  List<RankedSourceClass> ranked(DomainSimilarity similarity, ComparedDomain target, int examples) {
    double[] counts = features.imageCounts();
    List<List<Path>> shown = firstImages(examples);
    return SourceSelection.create()
        .withGamma(similarity.gamma())
        .rank(features, target.features())
        .stream()
        .map(
            each ->
                new RankedSourceClass(
                    name(),
                    each.index(),
                    each.name(),
                    counts[each.index()],
                    each.emd(),
                    each.similarity(),
                    shown.get(each.index())))
        .toList();
  }

  /** A list for each class, empty where images are not at hand. */
  private List<List<Path>> firstImages(int most) {
    List<List<Path>> first = new ArrayList<>();
    for (int label = 0; label < features.classCount(); label++) {
      first.add(new ArrayList<>());
    }
    for (LabeledImage image : dataset.map(Dataset::images).orElse(List.of())) {
      List<Path> ofClass = first.get(image.label());
      if (ofClass.size() < most) {
        ofClass.add(image.path());
      }
    }
    return first;
  }
}
