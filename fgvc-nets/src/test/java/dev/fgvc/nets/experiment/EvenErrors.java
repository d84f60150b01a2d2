package dev.fgvc.nets.experiment;

import dev.fgvc.metric.Outcomes;
import dev.fgvc.nets.eval.Errors;

/** Errors on 40 images of four classes with the same share of right ones in each class. */
final class EvenErrors {

  private static final int IMAGES = 40;
  private static final int CLASSES = 4;

  private EvenErrors() {}

  static Errors withAccuracy(double accuracy) {
    double[] scores = new double[IMAGES * CLASSES];
    int[] labels = new int[IMAGES];
    for (int i = 0; i < IMAGES; i++) {
      labels[i] = i % CLASSES;
      boolean right = i / CLASSES < accuracy * IMAGES / CLASSES;
      scores[i * CLASSES + (labels[i] + (right ? 0 : 1)) % CLASSES] = 1;
    }
    return new Errors(Outcomes.of(scores, labels, CLASSES));
  }
}
