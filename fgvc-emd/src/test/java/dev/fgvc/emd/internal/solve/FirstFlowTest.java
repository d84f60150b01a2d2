package dev.fgvc.emd.internal.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.fgvc.emd.GroundDistances;
import dev.fgvc.emd.internal.cost.CancellableCosts;
import dev.fgvc.emd.internal.cost.CostMatrix;
import dev.fgvc.emd.internal.cost.DenseCosts;
import dev.fgvc.emd.internal.cost.PassProgress;
import dev.fgvc.emd.internal.problem.Masses;
import dev.fgvc.emd.internal.start.NativeFlow;
import dev.fgvc.emd.testing.Instances;
import dev.fgvc.progress.Progress;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** A greedy flow and the flow solver's as starts of the simplex, on problems of any size. */
class FirstFlowTest {

  private static final int ROWS = 500;
  private static final int COLUMNS = 300;

  @RepeatedTest(5)
  void bothStartsLeadToTheOptimum(RepetitionInfo repetition) {
    assumeThat(NativeFlow.isAvailable()).as("needs OR-Tools' native library").isTrue();
    Random random = new Random(repetition.getCurrentRepetition());
    CostMatrix costs =
        new DenseCosts(
            GroundDistances.ejml()
                .between(
                    Instances.gaussianPoints(ROWS, 5, random),
                    Instances.gaussianPoints(COLUMNS, 5, random)));
    Masses masses =
        Masses.balanced(Instances.counts(ROWS, 90, random), Instances.counts(COLUMNS, 90, random));

    Solution greedy = solve(costs, masses, Integer.MAX_VALUE);
    Solution solver = solve(costs, masses, 0);

    assertThat(solver.proof().distance())
        .isCloseTo(greedy.proof().distance(), within(1e-14 * greedy.proof().distance()));
    assertThat(solver.proof().relativeGap()).isLessThan(1e-14);
    assertThat(greedy.proof().relativeGap()).isLessThan(1e-14);
    // Its flow is nearly optimal already.
    assertThat(solver.work().pivots()).isLessThan(greedy.work().pivots());
  }

  private static Solution solve(CostMatrix costs, Masses masses, int greedyNodes) {
    CancellableCosts watched =
        new CancellableCosts(costs, () -> false, new PassProgress(Progress.none()));
    return TransportSolver.solve(
        watched, 20, masses, new Thresholds(Long.MAX_VALUE, greedyNodes), watched, Progress.none());
  }
}
