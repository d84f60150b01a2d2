package dev.fgvc.emd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class NativeFlowTest {

  private static final int[] ROWS = {0, 0, 1, 1};
  private static final int[] COLUMNS = {0, 1, 0, 1};

  @Test
  void solvesASmallProblem() {
    long[] flow =
        NativeFlow.solve(
                new long[] {3, 1}, new long[] {2, 2}, ROWS, COLUMNS, new long[] {0, 4, 10, 9}, 4)
            .orElseThrow();
    assertThat(flow).containsExactly(2, 1, 0, 1);
  }

  @Test
  void carriesTheLargestMassesAndCosts() {
    long half = NativeFlow.MAX_TOTAL / 2;
    long cost = NativeFlow.MAX_SCALED_COST / 5;
    long[] flow =
        NativeFlow.solve(
                new long[] {half, half},
                new long[] {half, half},
                ROWS,
                COLUMNS,
                new long[] {cost, -cost, 0, cost},
                4)
            .orElseThrow();
    assertThat(flow).containsExactly(0, half, half, 0);
  }

  @Test
  void refusesWhatWouldOverflow() {
    long[] ones = {1, 1};
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                NativeFlow.solve(
                    ones,
                    ones,
                    ROWS,
                    COLUMNS,
                    new long[] {0, NativeFlow.MAX_SCALED_COST / 5 + 1, 0, 0},
                    4))
        .withMessageContaining("of arc 1 is beyond");
    long[] huge = {NativeFlow.MAX_TOTAL, 1};
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NativeFlow.solve(huge, huge, ROWS, COLUMNS, new long[4], 4))
        .withMessageContaining("must be from 0 to");
  }

  @Test
  void refusesUnequalTotalsAndNegativeMasses() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                NativeFlow.solve(
                    new long[] {3}, new long[] {2}, new int[1], new int[1], new long[1], 1))
        .withMessageContaining("supply of 3 for a demand of 2");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                NativeFlow.solve(
                    new long[] {-1}, new long[] {-1}, new int[1], new int[1], new long[1], 1));
  }

  @Test
  void findsNoFlowOnArcsThatCannotCarryTheSupply() {
    long[] ones = {1, 1};
    assertThat(NativeFlow.solve(ones, ones, ROWS, COLUMNS, new long[4], 2)).isEmpty();
  }
}
