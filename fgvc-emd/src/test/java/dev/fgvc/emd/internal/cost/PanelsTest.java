package dev.fgvc.emd.internal.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Panels for the Vector API, beside those for loops. */
class PanelsTest {

  @BeforeEach
  void hasTheVectorApi() {
    assumeThat(VectorApi.isUsable())
        .as("needs --add-modules jdk.incubator.vector and an instruction for a x b + c")
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1",
    "1, 33, 5",
    "4, 31, 126",
    "5, 640, 127",
    "12, 641, 131",
    "13, 1300, 253",
    "120, 40, 7"
  })
  void giveTheBitsOfLoopsInSinglePrecision(int rows, int targets, int dimension) {
    FloatPanels loops = new LoopFloatPanels(targets, dimension);
    FloatPanels vectors = new VectorFloatPanels(targets, dimension);
    FloatPanels.Rows inLoops = loops.rows(rows);
    FloatPanels.Rows inVectors = vectors.rows(rows);
    Random random = new Random(rows + 31L * targets + dimension);
    float[] point = new float[dimension];
    for (int block = 0; block < loops.blocks().count(); block++) {
      for (int column = 0; column < loops.blocks().width(block); column++) {
        draw(point, random);
        loops.set(block, column, point);
        vectors.set(block, column, point);
      }
    }
    // More rows first, then fewer: what is left of the former must not count.
    for (int count : new int[] {rows, (rows + 1) / 2}) {
      for (int row = 0; row < count; row++) {
        draw(point, random);
        inLoops.set(row, point);
        inVectors.set(row, point);
      }
      for (int block = 0; block < loops.blocks().count(); block++) {
        int width = loops.blocks().width(block);
        float[][] expected = inLoops.multiply(block, count);
        float[][] products = inVectors.multiply(block, count);
        for (int row = 0; row < count; row++) {
          assertThat(Arrays.copyOf(products[row], width))
              .as("row %d of block %d", row, block)
              .isEqualTo(Arrays.copyOf(expected[row], width));
        }
      }
    }
  }

  /** Seven hundred targets take blocks that differ in width. */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1",
    "1, 33, 5",
    "4, 31, 160",
    "5, 300, 161",
    "12, 280, 131",
    "13, 250, 331",
    "5, 700, 50"
  })
  void giveTheBitsOfLoopsInDoublePrecision(int rows, int targets, int dimension) {
    DoublePanels loops = new LoopDoublePanels(targets, dimension);
    DoublePanels vectors = new VectorDoublePanels(targets, dimension);
    DoublePanels.Rows inLoops = loops.rows(rows);
    DoublePanels.Rows inVectors = vectors.rows(rows);
    Random random = new Random(rows + 31L * targets + dimension);
    double[][] points = new double[targets][dimension];
    for (double[] point : points) {
      draw(point, random);
    }
    fill(loops, points);
    fill(vectors, points);
    double[] point = new double[dimension];
    for (int count : new int[] {rows, (rows + 1) / 2}) {
      for (int row = 0; row < count; row++) {
        draw(point, random);
        inLoops.set(row, point);
        inVectors.set(row, point);
      }
      double[][] expected = products(loops, inLoops, count, targets);
      assertThat(products(vectors, inVectors, count, targets)).isDeepEqualTo(expected);
    }
  }

  private static void fill(DoublePanels panels, double[][] points) {
    for (int block = 0; block < panels.blocks().count(); block++) {
      for (int column = 0; column < panels.blocks().width(block); column++) {
        panels.set(block, column, points[panels.blocks().start(block) + column]);
      }
    }
  }

  private static double[][] products(
      DoublePanels panels, DoublePanels.Rows rows, int count, int targets) {
    double[][] products = new double[count][targets];
    for (int block = 0; block < panels.blocks().count(); block++) {
      double[][] some = rows.multiply(block, count);
      for (int row = 0; row < count; row++) {
        System.arraycopy(
            some[row],
            0,
            products[row],
            panels.blocks().start(block),
            panels.blocks().width(block));
      }
    }
    return products;
  }

  private static void draw(float[] point, Random random) {
    for (int k = 0; k < point.length; k++) {
      point[k] = (float) random.nextGaussian();
    }
  }

  private static void draw(double[] point, Random random) {
    for (int k = 0; k < point.length; k++) {
      point[k] = random.nextGaussian();
    }
  }
}
