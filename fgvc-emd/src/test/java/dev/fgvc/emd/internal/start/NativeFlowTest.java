package dev.fgvc.emd.internal.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.emd.internal.cost.DenseCosts;
import dev.fgvc.emd.internal.problem.ArcSet;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;

class NativeFlowTest {

  private static final ArcSet ALL = arcs(2, 0, 1, 2, 3);

  private static ArcSet arcs(int nodes, long... keys) {
    return ArcSet.of(new DenseCosts(new DMatrixRMaj(nodes, nodes)), keys);
  }

  @Test
  void solvesASmallProblem() {
    long[] flow =
        NativeFlow.solve(new long[] {3, 1}, new long[] {2, 2}, ALL, new long[] {0, 4, 10, 9})
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
                ALL,
                new long[] {cost, -cost, 0, cost})
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
                    ones, ones, ALL, new long[] {0, NativeFlow.MAX_SCALED_COST / 5 + 1, 0, 0}))
        .withMessageContaining("of arc 1 is beyond");
    long[] huge = {NativeFlow.MAX_TOTAL, 1};
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NativeFlow.solve(huge, huge, ALL, new long[4]))
        .withMessageContaining("must be from 0 to");
  }

  @Test
  void refusesUnequalTotalsAndNegativeMasses() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NativeFlow.solve(new long[] {3}, new long[] {2}, arcs(1, 0), new long[1]))
        .withMessageContaining("supply of 3 for a demand of 2");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> NativeFlow.solve(new long[] {-1}, new long[] {-1}, arcs(1, 0), new long[1]));
  }

  @Test
  void findsNoFlowOnArcsThatCannotCarryTheSupply() {
    long[] ones = {1, 1};
    assertThat(NativeFlow.solve(ones, ones, arcs(2, 0, 1), new long[2])).isEmpty();
  }
}
