package dev.fgvc.emd.internal.solve;

import dev.fgvc.emd.internal.cost.CostMatrix;
import dev.fgvc.emd.internal.cost.RowBlocks;
import dev.fgvc.emd.internal.problem.ArcSet;
import dev.fgvc.emd.internal.problem.BestArcs;
import dev.fgvc.emd.internal.problem.CostLine;
import dev.fgvc.emd.internal.problem.DoubleDouble;
import dev.fgvc.emd.internal.problem.LeastFirst;
import dev.fgvc.emd.internal.problem.Potentials;
import java.util.Arrays;
import java.util.Collection;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Finds the arcs that the potentials price too low, c_ij - u_i - v_j < 0, and proves that there are
 * no others.
 *
 * <p>A row that has been read keeps its arcs of small reduced cost and a bound below all others.
 * While potentials move by less than that bound leaves, the kept arcs stand for the whole row, and
 * the row is not read again. So the first round reads all costs, and later ones, in which the
 * potentials move little, only few rows.
 */
final class Pricing {

  /**
   * Up to this many costs in memory are all read in each round: that takes less time than to sort
   * out the arcs to keep.
   */
  private static final long WHOLE_PAIRS = 2_000_000;

  /** Arcs kept for a row at most: 12 bytes each. */
  private static final int KEPT = 64;

  /** The place in the order of a sampled row's reduced costs that tells which arcs are small. */
  private static final int USUALLY_KEPT = 24;

  private static final int SAMPLED_ROWS = 33;

  /**
   * Bound on the rounding of a reduced cost, which rounds twice, in units in the last place of the
   * potentials.
   */
  private static final int ROUNDING_UNITS = 8;

  /**
   * Arcs whose reduced costs are within this multiple of the rounding are always kept, if there is
   * room.
   */
  private static final int KEPT_MARGINS = 4;

  private final CostMatrix costs;
  private final Potentials potentials;
  private final IntConsumer reading;
  private final int rows;
  private final int columns;

  /** Arcs kept for each row, at most a quarter of it; 0 where every round reads all rows. */
  private final int kept;

  private final int[] keptColumns;
  private final double[] keptCosts;
  private final int[] keptCount;
  // Arcs that are not kept have c - v of at least this minus what the v have risen since.
  private final double[] others;
  private final double[] seenV;
  // Of the last round: the least reduced cost of each row, if it is within the rounding of 0 or
  // below, and the largest double whose sum with no v, less what rounding dropped, exceeds a cost.
  private final double[] least;
  private final double[] largestU;
  private double rise;

  /**
   * How far rounding may have put bounds and rises off, in a round of larger potentials perhaps.
   */
  private double blur;

  private double small;

  /** Whether {@link #small} is that of rows whose arcs are priced rightly, or nearly so. */
  private boolean smallIsKnown;

  private long rowsRead;
  private int rounds;

  /**
   * Starts with no row read.
   *
   * @param reading told, before rows are read, how many there are
   */
  Pricing(CostMatrix costs, Potentials potentials, IntConsumer reading) {
    this.reading = reading;
    this.costs = costs;
    this.potentials = potentials;
    rows = costs.rows();
    columns = costs.columns();
    boolean readsAll = costs.visitsExactly() && (long) rows * columns <= WHOLE_PAIRS;
    kept =
        readsAll ? 0 : Math.max(1, Math.min(KEPT, Math.min(columns / 4, Integer.MAX_VALUE / rows)));
    keptColumns = new int[rows * kept];
    keptCosts = new double[rows * kept];
    keptCount = new int[rows];
    others = new double[rows];
    least = new double[rows];
    largestU = new double[rows];
    seenV = new double[columns];
    Arrays.fill(others, Double.NEGATIVE_INFINITY);
  }

  /** How many rows have been read in all rounds. */
  long rowsRead() {
    return rowsRead;
  }

  /** Notes the new potentials; returns the bound on rounding. */
  private double prepare() {
    double margin = ROUNDING_UNITS * Math.ulp(potentials.size());
    follow(margin);
    if (kept > 0 && !smallIsKnown) {
      // In a first round most rows have wrongly priced arcs, so these do not calibrate the
      // threshold.
      double usual = usuallySmall();
      smallIsKnown = usual > KEPT_MARGINS * margin;
      small = usual;
    }
    // The rounding grows with the potentials.
    small = Math.max(small, KEPT_MARGINS * margin);
    return margin;
  }

  /**
   * Keeps rows that are read for another purpose before the first round, such that this need not
   * read those again whose potentials have moved little by then.
   *
   * @return to be called with each row, by several threads, once the row's u is the largest that
   *     the v allow
   */
  CostLine.Visitor keeping() {
    prepare();
    return (row, line) -> {
      if (kept > 0) {
        keep(row, line);
      }
    };
  }

  private Collection<Offers> readRows(int[] open, Supplier<Offers> noOffers) {
    rowsRead += open.length;
    reading.accept(open.length);
    return RowBlocks.run(
        open.length,
        columns,
        noOffers,
        (offers, from, to) ->
            CostLine.visit(
                costs, potentials.v(), open, from, to, (row, line) -> read(row, line, offers)));
  }

  /**
   * Finds the most wrongly priced arcs. Reduced costs that rounding may have given the wrong sign
   * are computed in twice double precision.
   *
   * @param known arcs whose costs need not be asked for
   * @param perRow how many of each row
   * @param perColumn how many of each column
   * @param below only arcs of reduced cost less than this
   * @param unasked reduced costs below this one need not be exact in the first round
   * @return their keys (row x columns + column), not sorted, some twice
   */
  long[] find(ArcSet known, int[] perRow, int[] perColumn, double below, double unasked) {
    double margin = prepare();
    int[] open = openRows(margin);
    // Few of the many arcs that a first round finds are taken, so bounds will do to choose by.
    // Where these are loose, each later round would find more arcs that are not wrong.
    double asked = rounds++ == 0 ? unasked : Double.NEGATIVE_INFINITY;
    Supplier<Offers> noOffers =
        () -> new Offers(known, new BestArcs(perRow, perColumn, below), margin, asked);
    var readParts = readRows(open, noOffers);
    if (open.length == rows) {
      return keys(readParts.stream());
    }
    boolean[] read = new boolean[rows];
    for (int row : open) {
      read[row] = true;
    }
    var keptParts =
        RowBlocks.run(
            rows,
            kept,
            noOffers,
            (offers, from, to) -> {
              for (int row = from; row < to; row++) {
                if (!read[row]) {
                  look(row, offers);
                }
              }
            });
    return keys(Stream.concat(readParts.stream(), keptParts.stream()));
  }

  private static long[] keys(Stream<Offers> parts) {
    return BestArcs.keys(parts.map(Offers::best).toList());
  }

  /** Adds what the v have risen since the last round; kept bounds fall by as much. */
  private void follow(double margin) {
    double most = 0;
    for (int j = 0; j < columns; j++) {
      most = Math.max(most, potentials.v(j) - seenV[j]);
      seenV[j] = potentials.v(j);
    }
    rise += most + margin;
    blur = Math.max(blur, Math.max(margin, ROUNDING_UNITS * Math.ulp(rise)));
  }

  private int[] openRows(double margin) {
    int[] open = new int[rows];
    int count = 0;
    for (int row = 0; row < rows; row++) {
      double bound = others[row] - rise - potentials.u(row);
      if (!(bound > margin + blur + Math.ulp(others[row]))) {
        open[count++] = row;
      }
    }
    return Arrays.copyOf(open, count);
  }

  /** The median, over some rows, of a distance from the least c - v that few arcs are within. */
  private double usuallySmall() {
    int sampled = Math.min(rows, SAMPLED_ROWS);
    int[] chosen = new int[sampled];
    for (int k = 0; k < sampled; k++) {
      chosen[k] = (int) ((long) rows * k / sampled);
    }
    double[] typical = new double[sampled];
    int place = Math.min(columns - 1, Math.min(USUALLY_KEPT, kept / 2));
    int[] next = {0};
    costs.visit(
        chosen,
        0,
        sampled,
        (row, values, offset) -> {
          double[] reduced = new double[columns];
          double least = Double.POSITIVE_INFINITY;
          for (int j = 0; j < columns; j++) {
            reduced[j] = values[offset + j] - potentials.v(j);
            least = Math.min(least, reduced[j]);
          }
          typical[next[0]++] = LeastFirst.inPlace(reduced, place) - least;
        });
    Arrays.sort(typical);
    return typical[sampled / 2];
  }

  /**
   * Where arcs go to, and how exactly.
   *
   * @param margin reduced costs from here on are of no interest
   * @param asked costs that are not known are computed from here on; below, a bound will do
   */
  private record Offers(ArcSet known, BestArcs best, double margin, double asked) {}

  private void read(int row, CostLine line, Offers offers) {
    if (kept == 0) {
      lookAtAll(row, line, offers);
      return;
    }
    if (keep(row, line) - potentials.u(row) > offers.margin) {
      look(row, offers);
    } else {
      lookAtAll(row, line, offers);
    }
  }

  /** Keeps a row's arcs of small reduced cost; returns a bound of the others' c - v. */
  private double keep(int row, CostLine line) {
    int start = row * kept;
    int size = 0;
    double bound = Double.POSITIVE_INFINITY;
    double keptBelow = potentials.u(row) + small;
    int j = -1;
    while ((j = line.nextBelow(keptBelow, j + 1)) < columns) {
      if (size < kept) {
        keptColumns[start + size] = j;
        keptCosts[start + size] = line.cost(j);
        size++;
      } else {
        // No room: the bound has to hold for this arc too.
        bound = Math.min(bound, line.cost(j) - potentials.v(j));
      }
    }
    keptCount[row] = size;
    double other = Math.min(bound, keptBelow);
    others[row] = other + rise;
    return other;
  }

  /** Offers what is wrongly priced among the kept arcs of a row. */
  private void look(int row, Offers offers) {
    double u = potentials.u(row);
    int start = row * kept;
    startRow(row, offers);
    for (int k = start; k < start + keptCount[row]; k++) {
      int column = keptColumns[k];
      double reduced = keptCosts[k] - u - potentials.v(column);
      if (reduced < offers.margin) {
        offer(row, column, keptCosts[k], reduced, offers);
      }
    }
    offers.best.endRow(row);
  }

  /** The same for all arcs of a row, whether kept or not. */
  private void lookAtAll(int row, CostLine line, Offers offers) {
    double u = potentials.u(row);
    // Differences round otherwise than reduced costs do.
    double limit = u + 2 * offers.margin;
    startRow(row, offers);
    int j = -1;
    while ((j = line.nextBelow(limit, j + 1)) < columns) {
      double reduced = line.cost(j) - u - potentials.v(j);
      if (reduced < offers.margin) {
        offer(row, j, line.cost(j), reduced, offers);
      }
    }
    offers.best.endRow(row);
  }

  private void startRow(int row, Offers offers) {
    offers.best.startRow(row);
    least[row] = offers.margin;
    largestU[row] = potentials.u(row);
  }

  /** Offers an arc, with its reduced cost or a bound of it. */
  private void offer(int row, int column, double visited, double reduced, Offers offers) {
    double found = reduced;
    double cost = visited;
    boolean isExact = costs.visitsExactly();
    if (!isExact) {
      int arc = offers.known.indexOf(row, column);
      if (arc >= 0 || reduced >= offers.asked) {
        cost = arc >= 0 ? offers.known.cost(arc) : costs.get(row, column);
        found = cost - potentials.u(row) - potentials.v(column);
        isExact = true;
      }
    }
    if (isExact && found >= -offers.margin) {
      found = potentials.exactReduced(row, column, cost);
      limitU(row, cost, potentials.v(column));
    }
    least[row] = Math.min(least[row], found);
    offers.best.offer(row, column, found);
  }

  /** Lowers the largest u of a row such that its sum with a v does not exceed a cost. */
  private void limitU(int row, double cost, double v) {
    double most = cost - v;
    if (most <= largestU[row]) {
      double limit = DoubleDouble.lost(cost, -v, most) < 0 ? Math.nextDown(most) : most;
      largestU[row] = Math.min(largestU[row], limit);
    }
  }

  /**
   * Makes u_i + v_j <= c_ij true for every pair by lowering u where needed. The potentials must be
   * those of the last round.
   */
  void makeFeasible() {
    for (int row = 0; row < rows; row++) {
      if (least[row] < 0) {
        // The least reduced cost has been rounded itself.
        double lack = least[row] * (1 + 0x1p-50);
        potentials.setRow(row, potentials.row(row).plus(lack));
      }
    }
  }

  /**
   * The potentials of the rows that make u_i + v_j <= c_ij true for every pair without what
   * rounding to doubles dropped. Costs that are computed may be computed otherwise elsewhere; for
   * these, some units in the last place more are left.
   */
  double[] feasibleDoubles() {
    double spare = costs.visitsExactly() ? 0 : ROUNDING_UNITS * Math.ulp(potentials.size());
    return Arrays.stream(largestU).map(u -> u - spare).toArray();
  }
}
