package dev.fgvc.emd;

import org.ejml.data.DMatrixRMaj;

/**
 * The Earth Mover's Distance between two weighted sets, exact and with a certificate (equation 2 of
 * Cui et al., CVPR 2018; Rubner et al., IJCV 2000).
 *
 * <p>For supplies s, demands t (each normalised to the sum 1) and costs c it solves
 *
 * <pre>
 *   minimise    sum_ij c_ij f_ij
 *   subject to  sum_j f_ij = s_i,   sum_i f_ij = t_j,   f_ij >= 0
 * </pre>
 *
 * <p>Immutable, and safe for use by several threads.
 */
public final class ExactEmd {

  private static final ExactEmd DEFAULT = new ExactEmd();

  private ExactEmd() {}

  /**
   * A solver with default settings.
   *
   * @return the solver
   */
  public static ExactEmd create() {
    return DEFAULT;
  }

  /**
   * Solves one problem.
   *
   * @param supply weight of each source: not negative, finite, not all zero; for image counts the
   *     masses are exact integers, for other weights they are exact to 2^-60 of the total
   * @param demand weight of each target, likewise; its sum may differ from the supply's
   * @param cost sources x targets: not negative, finite
   * @return the optimal plan with its certificate
   * @throws IllegalArgumentException if there is no source or target, sizes disagree, or a weight
   *     or cost is NaN, infinite or negative
   * @throws MissingNativeLibraryException if OR-Tools' native library is not on the class path
   */
  public TransportPlan solve(double[] supply, double[] demand, DMatrixRMaj cost) {
    if (supply.length == 0 || demand.length == 0) {
      throw new IllegalArgumentException(
          supply.length + " sources and " + demand.length + " targets; there must be at least one");
    }
    if (cost.numRows != supply.length || cost.numCols != demand.length) {
      throw new IllegalArgumentException(
          "the cost matrix is "
              + cost.numRows
              + "x"
              + cost.numCols
              + " for "
              + supply.length
              + " sources and "
              + demand.length
              + " targets");
    }
    Masses masses = Masses.balanced(supply, demand);
    checkCosts(cost);
    return TransportSolver.solve(new DenseCosts(cost), masses);
  }

  private static void checkCosts(DMatrixRMaj cost) {
    for (int k = 0; k < cost.getNumElements(); k++) {
      double value = cost.data[k];
      if (!(value >= 0) || value == Double.POSITIVE_INFINITY) {
        throw new IllegalArgumentException(
            "cost ("
                + k / cost.numCols
                + ", "
                + k % cost.numCols
                + ") is "
                + value
                + "; costs must be finite and not negative");
      }
    }
  }
}
