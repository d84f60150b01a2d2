package dev.fgvc.emd.internal.problem;

/** Parts lists of arcs by their costs, those of equal cost by their numbers (Hoare's selection). */
public final class LeastFirst {

  private LeastFirst() {}

  /** The value that would stand in a place if all were sorted; changes their order. */
  public static double inPlace(double[] values, int place) {
    order(values, new int[values.length], 0, values.length, place);
    return values[place];
  }

  /**
   * Brings to a place the arc that would stand there if all were sorted, to the places before it
   * those that are less, in any order, and to the places after it the others.
   *
   * @param from the first place of the list
   * @param to the place after its last
   */
  static void order(double[] costs, int[] numbers, int from, int to, int place) {
    int first = from;
    int last = to - 1;
    while (first < last) {
      int middle = (first + last) >>> 1;
      double cost = costs[middle];
      int number = numbers[middle];
      int low = first;
      int high = last;
      while (low <= high) {
        while (isLess(costs[low], numbers[low], cost, number)) {
          low++;
        }
        while (isLess(cost, number, costs[high], numbers[high])) {
          high--;
        }
        if (low <= high) {
          swap(costs, numbers, low++, high--);
        }
      }
      if (place <= high) {
        last = high;
      } else if (place >= low) {
        first = low;
      } else {
        return;
      }
    }
  }

  private static boolean isLess(double cost, int number, double otherCost, int otherNumber) {
    return cost < otherCost || (cost == otherCost && number < otherNumber);
  }

  private static void swap(double[] costs, int[] numbers, int a, int b) {
    double cost = costs[a];
    costs[a] = costs[b];
    costs[b] = cost;
    int number = numbers[a];
    numbers[a] = numbers[b];
    numbers[b] = number;
  }
}
