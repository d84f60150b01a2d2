package dev.fgvc.nets.experiment;

import dev.fgvc.metric.Interval;
import java.util.Locale;

/**
 * A claim of the paper as a direction that measured numbers either take or do not.
 *
 * @param claim what should be so
 * @param margin by how much it is so, for each seed; negative where it is the other way round
 * @param interval of the mean margin, over seeds, classes and images
 * @param least margin that the claim speaks of: 0 for "better", below 0 for "no worse than by that
 *     much"
 * @param unit of the margin
 */
public record Direction(
    String claim, Measurement margin, Interval interval, double least, ResultTable.Unit unit) {

  /**
   * The claim that one share, such as an error, is better than another.
   *
   * @param claim what should be so
   * @param margin by how much it is so, for each seed
   * @param interval of the mean margin
   * @return the direction
   */
  public static Direction better(String claim, Measurement margin, Interval interval) {
    return new Direction(claim, margin, interval, 0, ResultTable.Unit.PERCENT);
  }

  /** The verdict on a claim. */
  public enum Verdict {
    /** All of the interval is above the least margin. */
    SHOWN("shown"),
    /** The interval holds the least margin: it may be so or not. */
    NOT_SHOWN("not shown"),
    /** All of the interval is below the least margin. */
    CONTRADICTED("contradicted");

    private final String word;

    Verdict(String word) {
      this.word = word;
    }

    @Override
    public String toString() {
      return word;
    }
  }

  /**
   * Returns the verdict on the claim.
   *
   * @return the verdict
   */
  public Verdict verdict() {
    if (interval.low() > least) {
      return Verdict.SHOWN;
    }
    return interval.high() < least ? Verdict.CONTRADICTED : Verdict.NOT_SHOWN;
  }

  /**
   * The mean margin and its interval.
   *
   * @return text such as {@code +4.2 [1.3, 7.0]}
   */
  public String intervalText() {
    return unit.format(interval);
  }

  /** The verdict, the claim and the margin in one line. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s: %s (margin %s, %.0f %% interval)",
        verdict(),
        claim,
        intervalText(),
        100 * interval.level());
  }
}
