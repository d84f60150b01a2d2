package dev.fgvc.emd.internal.simplex;

import dev.fgvc.emd.internal.problem.DoubleDouble;
import dev.fgvc.emd.internal.problem.Masses;
import dev.fgvc.emd.internal.problem.Potentials;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Takes potentials from a flow tree such that they do not drown in costs that the plan avoids.
 *
 * <p>The tree makes all its arcs tight, also costly ones without flow, whose costs then stand in
 * the potentials. Only arcs with flow need to be tight. Two columns that flow ties together through
 * a row differ in potential by no more than the largest cost c with flow. So where no column lies
 * in an interval longer than 2c of potentials, no flow ties those below to those above, and the
 * interval may shrink to 2c: a pair across it keeps a reduced cost of at least c, as costs are not
 * negative.
 */
public final class TreePotentials {

  private final FlowTree tree;
  private final Masses masses;
  private final Potentials potentials;
  private final int columns;
  // What is added to the potential of each column, and taken off that of each row.
  private final DoubleDouble[] shift;

  private TreePotentials(FlowTree tree, Masses masses, Potentials potentials) {
    this.tree = tree;
    this.masses = masses;
    this.potentials = potentials;
    columns = potentials.v().length;
    shift = new DoubleDouble[columns];
  }

  /** Sets potentials; refreshes the tree's. */
  public static void take(FlowTree tree, Masses masses, Potentials potentials) {
    tree.refreshPotentials();
    new TreePotentials(tree, masses, potentials).take();
  }

  private void take() {
    for (int j = 0; j < columns; j++) {
      potentials.setColumn(j, tree.exactPotential(tree.rows + j));
    }
    for (int i = 0; i < tree.rows; i++) {
      potentials.setRow(i, tree.exactPotential(i));
    }
    int[] used = IntStream.range(0, columns).filter(masses.demand()::isPositive).toArray();
    shrinkIntervals(used);
    DoubleDouble least = shift[used[0]];
    DoubleDouble most = least;
    for (int j : used) {
      least = shift[j].isLessThan(least) ? shift[j] : least;
      most = most.isLessThan(shift[j]) ? shift[j] : most;
    }
    DoubleDouble[] rowShift = new DoubleDouble[tree.rows];
    // Rows without mass are made low, columns without mass lower: nothing ties them to others.
    Arrays.fill(rowShift, most);
    for (int node = 0; node < tree.nodes(); node++) {
      if (tree.hasFlow(node)) {
        rowShift[tree.rowOfArc(node)] = shift[tree.columnOfArc(node)];
      }
    }
    DoubleDouble highest = DoubleDouble.of(Double.NEGATIVE_INFINITY);
    for (int j : used) {
      DoubleDouble shifted = potentials.column(j).plus(shift[j]);
      highest = highest.isLessThan(shifted) ? shifted : highest;
      potentials.setColumn(j, shifted);
    }
    for (int j = 0; j < columns; j++) {
      if (!masses.demand().isPositive(j)) {
        DoubleDouble shifted = potentials.column(j).plus(least);
        potentials.setColumn(j, highest.isLessThan(shifted) ? highest : shifted);
      }
    }
    DoubleDouble lowest = highest.negated();
    for (int i = 0; i < tree.rows; i++) {
      DoubleDouble shifted = potentials.row(i).minus(rowShift[i]);
      boolean tooLow = !masses.supply().isPositive(i) && shifted.isLessThan(lowest);
      potentials.setRow(i, tooLow ? lowest : shifted);
    }
    raiseMasslessColumns();
  }

  /** Costs are not negative, so v may be as high as minus the largest u. */
  private void raiseMasslessColumns() {
    DoubleDouble highest = potentials.row(0);
    for (int i = 1; i < tree.rows; i++) {
      highest = highest.isLessThan(potentials.row(i)) ? potentials.row(i) : highest;
    }
    DoubleDouble lowest = highest.negated();
    for (int j = 0; j < columns; j++) {
      if (!masses.demand().isPositive(j) && potentials.column(j).isLessThan(lowest)) {
        potentials.setColumn(j, lowest);
      }
    }
  }

  /** Finds the shift of each used column; the middle of all potentials comes to 0. */
  private void shrinkIntervals(int[] used) {
    double longest = 2 * largestCostWithFlow();
    Arrays.fill(shift, DoubleDouble.ZERO);
    if (hasGap(used, longest)) {
      int[] order =
          Arrays.stream(used)
              .boxed()
              .sorted(Comparator.comparingDouble(j -> potentials.v(j)))
              .mapToInt(Integer::intValue)
              .toArray();
      DoubleDouble sum = DoubleDouble.ZERO;
      for (int k = 1; k < order.length; k++) {
        if (potentials.v(order[k]) - potentials.v(order[k - 1]) > longest) {
          DoubleDouble gap = potentials.column(order[k]).minus(potentials.column(order[k - 1]));
          sum = sum.plus(longest).minus(gap);
        }
        shift[order[k]] = sum;
      }
    }
    DoubleDouble centre = centre(used);
    for (int j : used) {
      shift[j] = shift[j].minus(centre);
    }
  }

  /** The potential to shift to 0: that of mass that stays, or else the middle of all. */
  private DoubleDouble centre(int[] used) {
    if (masses.padding() == Masses.Padding.ONE_MORE_COLUMN) {
      return potentials.column(columns - 1).plus(shift[columns - 1]);
    }
    if (masses.padding() == Masses.Padding.ONE_MORE_ROW) {
      return paddedRow();
    }
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (int j : used) {
      double shifted = potentials.v(j) + shift[j].high();
      least = Math.min(least, shifted);
      most = Math.max(most, shifted);
    }
    return DoubleDouble.of(least / 2 + most / 2);
  }

  /** The shift that makes the potential of the last row 0. */
  private DoubleDouble paddedRow() {
    int row = tree.rows - 1;
    for (int node = 0; node < tree.nodes(); node++) {
      if (tree.hasFlow(node) && tree.rowOfArc(node) == row) {
        return shift[tree.columnOfArc(node)].minus(potentials.row(row));
      }
    }
    throw new IllegalStateException("no mass stays in place");
  }

  private boolean hasGap(int[] used, double longest) {
    double[] sorted = Arrays.stream(used).mapToDouble(j -> potentials.v(j)).sorted().toArray();
    for (int k = 1; k < sorted.length; k++) {
      if (sorted[k] - sorted[k - 1] > longest) {
        return true;
      }
    }
    return false;
  }

  private double largestCostWithFlow() {
    double largest = 0;
    for (int node = 0; node < tree.nodes(); node++) {
      if (tree.hasFlow(node)) {
        largest = Math.max(largest, tree.cost[node]);
      }
    }
    return largest;
  }
}
