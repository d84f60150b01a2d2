package dev.fgvc.metric;

import java.util.Locale;

/**
 * An estimate with a confidence interval.
 *
 * @param estimate from the data as they are
 * @param low lower end; NaN where nothing can be told
 * @param high upper end
 * @param level share of such intervals that hold the true value, such as 0.95
 */
public record Interval(double estimate, double low, double high, double level) {

  /** Refuses a level that is not between 0 and 1. */
  public Interval {
    requireLevel(level);
  }

  static void requireLevel(double level) {
    if (!(level > 0 && level < 1)) {
      throw new IllegalArgumentException("level " + level + " must be between 0 and 1");
    }
  }

  /**
   * Whether all of it is above zero.
   *
   * @return false where nothing can be told
   */
  public boolean isAboveZero() {
    return low > 0;
  }

  /**
   * Whether all of it is below zero.
   *
   * @return false where nothing can be told
   */
  public boolean isBelowZero() {
    return high < 0;
  }

  /**
   * The estimate and both ends.
   *
   * @param factor what the values are multiplied with, such as 100 for per cent
   * @param digits after the decimal point
   * @return text such as {@code +4.2 [1.3, 7.0]}; {@code +4.2 [unknown]} where nothing can be told
   */
  public String format(double factor, int digits) {
    String number = "%." + digits + "f";
    String text = String.format(Locale.ROOT, "%+." + digits + "f", factor * estimate);
    return Double.isNaN(low) || Double.isNaN(high)
        ? text + " [unknown]"
        : text
            + String.format(
                Locale.ROOT, " [" + number + ", " + number + "]", factor * low, factor * high);
  }
}
