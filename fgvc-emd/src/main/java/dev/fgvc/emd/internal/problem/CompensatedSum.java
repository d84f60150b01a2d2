package dev.fgvc.emd.internal.problem;

/** Sums that keep what rounding drops (Neumaier's variant of Kahan summation). */
public final class CompensatedSum {

  private CompensatedSum() {}

  public static double dot(double[] a, double[] b) {
    double sum = 0;
    double lost = 0;
    for (int i = 0; i < a.length; i++) {
      double term = a[i] * b[i];
      double next = sum + term;
      lost += Math.abs(sum) >= Math.abs(term) ? sum - next + term : term - next + sum;
      sum = next;
    }
    return sum + lost;
  }
}
