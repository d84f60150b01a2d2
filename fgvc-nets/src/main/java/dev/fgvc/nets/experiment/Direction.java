package dev.fgvc.nets.experiment;

/**
 * A claim of the paper as a direction that measured numbers either take or do not.
 *
 * @param claim what should be so
 * @param margin by how much it is so; negative where it is the other way round
 * @param demand what the margin must be for the claim to hold
 * @param unit of the margin
 */
public record Direction(String claim, Measurement margin, Demand demand, ResultTable.Unit unit) {

  /**
   * A claim about shares, such as errors.
   *
   * @param claim what should be so
   * @param margin by how much it is so
   * @param demand what the margin must be for the claim to hold
   */
  public Direction(String claim, Measurement margin, Demand demand) {
    this(claim, margin, demand, ResultTable.Unit.PERCENT);
  }

  /** What a margin must be. */
  public enum Demand {
    /** Its mean over the seeds is above its spread. */
    ABOVE_THE_SPREAD,
    /** Its mean over the seeds is not below zero by more than its spread. */
    NOT_WORSE_THAN_THE_SPREAD
  }

  /** What became of a claim. */
  public enum Verdict {
    /** The margin is as demanded. */
    HOLDS("holds"),
    /** The seeds differ by more than the margin, whichever way it points. */
    UNDECIDED("undecided"),
    /** The margin points the other way, by more than the spread. */
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
   * What became of the claim.
   *
   * @return the verdict
   */
  public Verdict verdict() {
    double mean = margin.mean();
    double spread = margin.spread();
    double least = demand == Demand.ABOVE_THE_SPREAD ? Math.nextUp(spread) : -spread;
    if (mean >= least) {
      return Verdict.HOLDS;
    }
    return mean < -spread ? Verdict.CONTRADICTED : Verdict.UNDECIDED;
  }

  /** The verdict, the claim and the margin in one line. */
  @Override
  public String toString() {
    return verdict() + ": " + claim + " (margin " + unit.format(margin) + ")";
  }
}
