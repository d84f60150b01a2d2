package dev.fgvc.nets.eval;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * L-BFGS (Liu and Nocedal, Math. Program. 45, 1989; Nocedal and Wright, <em>Numerical
 * Optimization</em>, algorithm 7.5) for smooth convex functions. Steps satisfy the weak Wolfe
 * conditions, found by bisection, so that every update keeps the approximate Hessian positive
 * definite. The same function and start give the same bits.
 */
final class Lbfgs {

  /** Pairs of steps and gradient changes that are remembered. */
  private static final int MEMORY = 10;

  private static final double SUFFICIENT_DECREASE = 1e-4;
  private static final double CURVATURE = 0.9;
  private static final int MOST_TRIALS = 50;

  private Lbfgs() {}

  /** A function to minimize. */
  interface Objective {

    /**
     * Evaluates.
     *
     * @param point where
     * @param gradient receives the gradient
     * @return the value
     */
    double evaluate(double[] point, double[] gradient);
  }

  /**
   * The best point that was found.
   *
   * @param value there
   * @param converged whether the gradient is as small as was asked for, or no step lowers the value
   *     in double precision
   */
  record Minimum(double[] point, double value, boolean converged) {}

  private record Pair(double[] step, double[] change, double product) {}

  /**
   * Minimizes.
   *
   * @param start the first point
   * @param tolerance of the gradient's largest component
   * @param mostIterations after which the point is given as it is
   */
  static Minimum minimize(
      Objective objective, double[] start, double tolerance, int mostIterations) {
    double[] point = start.clone();
    double[] gradient = new double[point.length];
    double value = objective.evaluate(point, gradient);
    Deque<Pair> pairs = new ArrayDeque<>();
    double[] next = new double[point.length];
    double[] nextGradient = new double[point.length];
    for (int iteration = 0; iteration < mostIterations; iteration++) {
      if (largest(gradient) <= tolerance) {
        return new Minimum(point, value, true);
      }
      double[] direction = direction(gradient, pairs);
      double slope = dot(direction, gradient);
      double step = pairs.isEmpty() ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1;
      double low = 0;
      double high = Double.POSITIVE_INFINITY;
      double nextValue = Double.NaN;
      int trial = 0;
      for (; trial < MOST_TRIALS; trial++) {
        for (int i = 0; i < point.length; i++) {
          next[i] = point[i] + step * direction[i];
        }
        nextValue = objective.evaluate(next, nextGradient);
        if (!(nextValue <= value + SUFFICIENT_DECREASE * step * slope)) {
          high = step;
        } else if (dot(direction, nextGradient) < CURVATURE * slope) {
          low = step;
        } else {
          break;
        }
        step = high == Double.POSITIVE_INFINITY ? 2 * low : (low + high) / 2;
      }
      if (trial == MOST_TRIALS) {
        // The value no longer changes but by rounding.
        return new Minimum(point, value, true);
      }
      remember(pairs, point, next, gradient, nextGradient);
      double[] spare = point;
      point = next;
      next = spare;
      spare = gradient;
      gradient = nextGradient;
      nextGradient = spare;
      value = nextValue;
    }
    return new Minimum(point, value, largest(gradient) <= tolerance);
  }

  /** The two-loop recursion: minus the approximate inverse Hessian times the gradient. */
  private static double[] direction(double[] gradient, Deque<Pair> pairs) {
    double[] direction = gradient.clone();
    double[] alphas = new double[pairs.size()];
    int place = pairs.size();
    for (Iterator<Pair> newestFirst = pairs.descendingIterator(); newestFirst.hasNext(); ) {
      Pair pair = newestFirst.next();
      double alpha = dot(pair.step, direction) / pair.product;
      alphas[--place] = alpha;
      add(direction, -alpha, pair.change);
    }
    if (!pairs.isEmpty()) {
      Pair newest = pairs.getLast();
      scale(direction, newest.product / dot(newest.change, newest.change));
    }
    for (Pair pair : pairs) {
      double beta = dot(pair.change, direction) / pair.product;
      add(direction, alphas[place++] - beta, pair.step);
    }
    scale(direction, -1);
    return direction;
  }

  private static void remember(
      Deque<Pair> pairs, double[] from, double[] to, double[] before, double[] after) {
    double[] step = to.clone();
    add(step, -1, from);
    double[] change = after.clone();
    add(change, -1, before);
    double product = dot(step, change);
    if (product <= 0) {
      return;
    }
    if (pairs.size() == MEMORY) {
      pairs.removeFirst();
    }
    pairs.addLast(new Pair(step, change, product));
  }

  private static double largest(double[] values) {
    double largest = 0;
    for (double value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static void add(double[] to, double factor, double[] values) {
    for (int i = 0; i < to.length; i++) {
      to[i] += factor * values[i];
    }
  }

  private static void scale(double[] values, double factor) {
    for (int i = 0; i < values.length; i++) {
      values[i] *= factor;
    }
  }
}
