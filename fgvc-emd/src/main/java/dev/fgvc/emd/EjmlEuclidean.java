package dev.fgvc.emd;

import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;

/** Euclidean distances in memory. */
final class EjmlEuclidean implements GroundDistance {

  @Override
  public DMatrixRMaj between(FMatrixRMaj source, FMatrixRMaj target) {
    EuclideanCosts costs = EuclideanCosts.between(source, target);
    DMatrixRMaj distances = new DMatrixRMaj(source.numRows, target.numRows);
    RowBlocks.run(
        source.numRows,
        (long) target.numRows * source.numCols,
        (from, to) ->
            costs.visit(
                from,
                to,
                (row, values, offset) ->
                    System.arraycopy(
                        values, offset, distances.data, row * target.numRows, target.numRows)));
    return distances;
  }
}
