package dev.fgvc.emd.internal.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

class LeastFirstTest {

  @RepeatedTest(40)
  void partsTheListAtAnyPlace(RepetitionInfo repetition) {
    int size = repetition.getCurrentRepetition();
    Random random = new Random(size);
    int different = 1 + random.nextInt(size);
    for (int place = 0; place < size; place++) {
      // One value more at either end, which has to stay.
      double[] costs = new double[size + 2];
      int[] numbers = new int[size + 2];
      for (int k = 0; k < costs.length; k++) {
        costs[k] = random.nextInt(different);
        numbers[k] = costs.length - k;
      }
      double first = costs[0];
      double last = costs[size + 1];
      long[] sorted = keys(costs, numbers, 1, size + 1);

      LeastFirst.order(costs, numbers, 1, size + 1, place + 1);

      long[] less = keys(costs, numbers, 1, place + 2);
      assertThat(less)
          .isEqualTo(IntStream.rangeClosed(0, place).mapToLong(k -> sorted[k]).toArray());
      assertThat(less[place]).isEqualTo(key(costs[place + 1], numbers[place + 1]));
      assertThat(keys(costs, numbers, 1, size + 1)).isEqualTo(sorted);
      assertThat(costs[0]).isEqualTo(first);
      assertThat(costs[size + 1]).isEqualTo(last);
    }
  }

  private static long[] keys(double[] costs, int[] numbers, int from, int to) {
    return IntStream.range(from, to).mapToLong(k -> key(costs[k], numbers[k])).sorted().toArray();
  }

  private static long key(double cost, int number) {
    return 1000 * (long) cost + number;
  }
}
