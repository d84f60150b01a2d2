package dev.fgvc.nets.engine.torch.kernel.winograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WinogradTilingTest {

  private final Random random = new Random(1);

  @Test
  void everyFilterMakesTheSumsOfItsTaps() {
    for (int outputs = 1; outputs <= WinogradMatrices.MOST_OUTPUTS; outputs++) {
      for (int taps = 1; taps <= WinogradMatrices.MOST_TAPS; taps++) {
        WinogradMatrices matrices = WinogradMatrices.of(outputs, taps);
        double[] cells = random.doubles(outputs + taps - 1).toArray();
        double[] weights = random.doubles(taps).toArray();

        double[] products = times(matrices.input(), cells);
        double[] factors = times(matrices.taps(), weights);
        for (int i = 0; i < products.length; i++) {
          products[i] *= factors[i];
        }

        assertThat(matrices.products()).isEqualTo(outputs + taps - 1);
        assertThat(times(matrices.output(), products))
            .as("F(%d, %d)", outputs, taps)
            .containsExactly(filtered(cells, weights, 0, outputs), within(1e-10));
      }
    }
  }

  @Test
  void filtersWithoutPointsAreRefused() {
    assertThatThrownBy(() -> WinogradMatrices.of(7, 7)).hasMessageContaining("F(7, 7)");
    assertThatThrownBy(() -> WinogradMatrices.of(0, 3))
        .hasMessageContaining("outputs must be 1 to 6");
    assertThatThrownBy(() -> WinogradMatrices.of(2, 8)).hasMessageContaining("taps 1 to 7");
  }

  @ParameterizedTest(name = "F({0}, {1}) on {2} cells, {3} zeros before and {4} after")
  @CsvSource({
    "6, 7, 17, 3, 3",
    "6, 7, 33, 3, 3",
    "6, 7, 7, 0, 0",
    "4, 3, 1, 1, 1",
    "4, 3, 19, 1, 1",
    "5, 3, 75, 0, 2",
    "2, 2, 40, 1, 0",
    "6, 5, 3, 4, 4",
    "3, 4, 100, 7, 9",
    "6, 7, 1, 20, 30"
  })
  void tilesMakeTheWholeLine(int together, int taps, int length, int before, int after) {
    int outputs = length + before + after - taps + 1;
    WinogradTiling tiling =
        new WinogradTiling(WinogradMatrices.of(together, taps), length, before, outputs);
    double[] cells = random.doubles(length).toArray();
    double[] weights = random.doubles(taps).toArray();
    double[] factors = times(tiling.matrices().taps(), weights);
    double[] expected = filtered(cells, weights, before, outputs);

    double[] products =
        applied(tiling.matrices().input(), tiling.factorTiles(), cells, tiling.rows());
    for (int i = 0; i < products.length; i++) {
      products[i] *= factors[i % factors.length];
    }
    assertThat(applied(tiling.matrices().output(), tiling.resultTiles(), products, outputs))
        .containsExactly(expected, within(1e-9));
  }

  /** Returns what tiles make of a line, each cell once and in order. */
  private static double[] applied(
      double[][] matrix, List<WinogradTiling.Tile> tiles, double[] line, int length) {
    double[] result = new double[length];
    int next = 0;
    for (WinogradTiling.Tile tile : tiles) {
      assertThat(tile.to()).isEqualTo(next);
      for (int row = 0; row < tile.made(); row++) {
        for (int i = 0; i < tile.read(); i++) {
          result[next] += matrix[row][tile.skipped() + i] * line[tile.from() + i];
        }
        next++;
      }
    }
    assertThat(next).isEqualTo(length);
    return result;
  }

  @Test
  void wideActivationsAreWorthTheTransformsAndThinOnesAreNot() {
    WinogradTiling.Task wide = new WinogradTiling.Task(68, 17, 3, 17, 7, 1, 224, 224);
    assertThat(WinogradTiling.cheapest(wide))
        .hasValueSatisfying(tiling -> assertThat(tiling.rows()).isEqualTo(36));
    WinogradTiling.Task square = new WinogradTiling.Task(140, 35, 1, 35, 3, 3, 96, 96);
    assertThat(WinogradTiling.cheapest(square)).isPresent();
    WinogradTiling.Task thin = new WinogradTiling.Task(588, 149, 0, 147, 3, 3, 32, 32);
    assertThat(WinogradTiling.cheapest(thin)).isEmpty();
    WinogradTiling.Task few = new WinogradTiling.Task(1, 8, 1, 8, 3, 1, 448, 512);
    assertThat(WinogradTiling.cheapest(few)).as("kernels are fetched for few cells").isEmpty();
    WinogradTiling.Task large = new WinogradTiling.Task(588, 147, 1, 147, 3, 3, 128, 128);
    assertThat(WinogradTiling.cheapest(large)).as("tiles take too much memory").isEmpty();
    WinogradTiling.Task part = new WinogradTiling.Task(147, 147, 1, 147, 3, 3, 128, 128);
    assertThat(WinogradTiling.cheapest(part)).isPresent();
    WinogradTiling.Task pointwise = new WinogradTiling.Task(68, 17, 0, 17, 1, 1, 1024, 1024);
    assertThat(WinogradTiling.cheapest(pointwise)).isEmpty();
  }

  private static double[] times(double[][] matrix, double[] vector) {
    double[] result = new double[matrix.length];
    for (int i = 0; i < matrix.length; i++) {
      for (int k = 0; k < vector.length; k++) {
        result[i] += matrix[i][k] * vector[k];
      }
    }
    return result;
  }

  private static double[] filtered(double[] cells, double[] weights, int before, int outputs) {
    double[] result = new double[outputs];
    for (int i = 0; i < outputs; i++) {
      for (int k = 0; k < weights.length; k++) {
        int cell = i + k - before;
        if (cell >= 0 && cell < cells.length) {
          result[i] += weights[k] * cells[cell];
        }
      }
    }
    return result;
  }
}
