package dev.fgvc.nets.engine.torch.kernel.winograd;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemm;

import dev.fgvc.nets.engine.torch.kernel.MatrixProducts;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;

/**
 * Lines of cells, such as the rows or the columns of an activation; a cell is its channels. Tiles
 * of them are multiplied by small matrices, each by a call of OpenBLAS itself: libtorch's product
 * of many matrices took 1.5 to 3 times as long.
 */
final class CellLines {

  private final FloatPointer values;
  private final long images;
  private final long lines;
  private final int channels;
  private final long betweenImages;
  private final long betweenLines;
  private final int betweenCells;

  /**
   * Lines in float32.
   *
   * @param cells [n, lines, length, channels], of which only the channels have to be side by side
   */
  CellLines(Tensor cells) {
    values = cells.data_ptr_float();
    images = cells.size(0);
    lines = cells.size(1);
    channels = Math.toIntExact(cells.size(3));
    betweenImages = cells.stride(0);
    betweenLines = cells.stride(1);
    // libtorch leaves the stride of an axis of length 1 undefined, and OpenBLAS checks it.
    betweenCells = Math.max(channels, Math.toIntExact(cells.stride(2)));
  }

  /**
   * Multiplies tiles of each line by a matrix; temporaries belong to the caller's scope.
   *
   * @param to as many lines, whose cells are overwritten
   */
  void transform(double[][] matrix, List<WinogradTiling.Tile> tiles, CellLines to) {
    int columns = matrix[0].length;
    float[] entries = new float[matrix.length * columns];
    for (int i = 0; i < entries.length; i++) {
      entries[i] = (float) matrix[i / columns][i % columns];
    }
    FloatPointer rowMajor = new FloatPointer(entries);
    for (long image = 0; image < images; image++) {
      for (long line = 0; line < lines; line++) {
        long from = image * betweenImages + line * betweenLines;
        long target = image * to.betweenImages + line * to.betweenLines;
        for (WinogradTiling.Tile tile : tiles) {
          multiply(
              rowMajor.position(tile.skipped()),
              columns,
              from + (long) tile.from() * betweenCells,
              tile.read(),
              to,
              target + (long) tile.to() * to.betweenCells,
              tile.made());
        }
      }
    }
  }

  private void multiply(
      FloatPointer matrix, int columns, long from, int read, CellLines to, long target, int made) {
    int together = Math.max(1, MatrixProducts.ONE_THREAD / Math.max(1, made * read));
    for (int channel = 0; channel < channels; channel += together) {
      cblas_sgemm(
          CblasRowMajor,
          CblasNoTrans,
          CblasNoTrans,
          made,
          Math.min(together, channels - channel),
          read,
          1,
          matrix,
          columns,
          values.position(from + channel),
          betweenCells,
          0,
          to.values.position(target + channel),
          to.betweenCells);
    }
  }
}
