package dev.fgvc.nets.experiment;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A hyper-parameter chosen on a held-out part of the training images.
 *
 * @param name what was chosen, such as {@code tau of tau-normalisation}
 * @param criterion what was least, such as {@code mean class error on 20 % of train}
 * @param candidates all values that were tried, with what they came to
 */
public record Choice(String name, String criterion, List<Candidate> candidates) {

  /** Copies the candidates. */
  public Choice {
    candidates = List.copyOf(candidates);
  }

  /**
   * A value that was tried.
   *
   * @param value of the hyper-parameter
   * @param score on the held-out part; smaller is better
   */
  public record Candidate(double value, double score) {}

  static Choice of(String name, String criterion, List<Double> values, List<Double> scores) {
    List<Candidate> candidates = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      candidates.add(new Candidate(values.get(i), scores.get(i)));
    }
    return new Choice(name, criterion, candidates);
  }

  /**
   * The value with the least score; the first of several.
   *
   * @return the value to use
   */
  public double chosen() {
    return candidates.stream()
        .min(Comparator.comparingDouble(Candidate::score))
        .orElseThrow()
        .value();
  }
}
