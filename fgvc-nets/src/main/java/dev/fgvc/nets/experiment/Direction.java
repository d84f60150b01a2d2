package dev.fgvc.nets.experiment;

/**
 * A claim of the paper as a direction that measured numbers either take or do not.
 *
 * @param claim what should be so
 * @param margin by how much it is so; negative where it is the other way round
 * @param demand what the margin must be for the claim to hold
 */
public record Direction(String claim, Measurement margin, Demand demand) {

  /** What a margin must be. */
  public enum Demand {
    /** Its mean over the seeds is above its spread. */
    ABOVE_THE_SPREAD,
    /** Its mean over the seeds is not below zero by more than its spread. */
    NOT_WORSE_THAN_THE_SPREAD
  }

  /**
   * Whether the claim came out.
   *
   * @return true if the margin is as demanded
   */
  public boolean holds() {
    return switch (demand) {
      case ABOVE_THE_SPREAD -> margin.mean() > margin.spread();
      case NOT_WORSE_THAN_THE_SPREAD -> margin.mean() >= -margin.spread();
    };
  }

  /** The verdict, the claim and the margin in one line. */
  @Override
  public String toString() {
    return (holds() ? "holds: " : "does not hold: ")
        + claim
        + " (margin "
        + margin.format(100, 2)
        + " points)";
  }
}
