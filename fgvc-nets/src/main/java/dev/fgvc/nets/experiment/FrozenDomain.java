package dev.fgvc.nets.experiment;

import dev.fgvc.data.DatasetSplits;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.engine.Backbone;
import dev.fgvc.nets.eval.FeatureClassifier;
import dev.fgvc.nets.eval.ImageFeatures;
import dev.fgvc.nets.eval.LinearProbe;
import java.util.ArrayList;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;

/** A domain by the features of a network that is not trained. */
record FrozenDomain(
    String name,
    List<String> classes,
    ImageFeatures train,
    ImageFeatures validation,
    DomainFeatures means) {

  /** Penalty of the classifiers of source classes, whose scores the target sees. */
  private static final double SOURCE_PENALTY = 0.03;

  static FrozenDomain of(
      Backbone backbone, Resolution resolution, DatasetSplits splits, StepCounter images) {
    ImageFeatures train = ImageFeatures.of(backbone, resolution, splits.train(), images.piece());
    return new FrozenDomain(
        splits.name(),
        splits.train().classNames(),
        train,
        ImageFeatures.of(backbone, resolution, splits.validation(), images.piece()),
        DomainFeatures.fromImages(splits.name(), train.features(), train.labels()));
  }

  /** Returns the errors where the classes are learnt from the features as they are. */
  FrozenErrors errors() {
    return FrozenErrors.of(train, validation, classes.size());
  }

  /**
   * Returns the errors where all that is seen of an image are its scores for source classes.
   *
   * @param classes of the sources, numbered through all of them
   */
  FrozenErrors errorsFrom(List<FrozenDomain> sources, int[] classes) {
    FeatureClassifier classifier =
        LinearProbe.create()
            .withPenalty(SOURCE_PENALTY)
            .fit(trainingImages(sources, classes), classes.length);
    return FrozenErrors.of(
        scores(classifier, train), scores(classifier, validation), this.classes.size());
  }

  private static ImageFeatures scores(FeatureClassifier classifier, ImageFeatures images) {
    DMatrixRMaj scores = classifier.scores(images.features());
    FMatrixRMaj rows = new FMatrixRMaj(scores.numRows, scores.numCols);
    for (int i = 0; i < scores.getNumElements(); i++) {
      rows.data[i] = (float) scores.data[i];
    }
    return new ImageFeatures(rows, images.labels());
  }

  /** The training images of the classes, each labelled by the place of its class among them. */
  private static ImageFeatures trainingImages(List<FrozenDomain> sources, int[] classes) {
    int dimension = sources.get(0).train().features().numCols;
    List<float[]> rows = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    for (int label = 0; label < classes.length; label++) {
      int rest = classes[label];
      int source = 0;
      while (rest >= sources.get(source).classes().size()) {
        rest -= sources.get(source).classes().size();
        source++;
      }
      ImageFeatures all = sources.get(source).train();
      for (int i = 0; i < all.labels().length; i++) {
        if (all.labels()[i] == rest) {
          float[] row = new float[dimension];
          System.arraycopy(all.features().data, i * dimension, row, 0, dimension);
          rows.add(row);
          labels.add(label);
        }
      }
    }
    return new ImageFeatures(
        new FMatrixRMaj(rows.toArray(float[][]::new)),
        labels.stream().mapToInt(Integer::intValue).toArray());
  }
}
