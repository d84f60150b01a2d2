package dev.fgvc.nets.engine.torch.kernel;

import java.util.Optional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Products of matrices among layers that libtorch's own threads share. */
public final class MatrixProducts {

  /** Multiply-adds up to which OpenBLAS takes one thread; others would spin for more work. */
  public static final int ONE_THREAD = 1 << 18;

  private MatrixProducts() {}

  /** The cells of a channels-last activation as the rows of a matrix [cells, channels]; a view. */
  public static Tensor rows(Tensor activation) {
    return activation.permute(0, 2, 3, 1).reshape(-1, activation.size(1));
  }

  /**
   * Rows as the cells of a channels-last activation of another one's count, height and width; a
   * view.
   */
  public static Tensor activation(Tensor rows, Tensor like) {
    return rows.view(like.size(0), like.size(2), like.size(3), rows.size(1)).permute(0, 3, 1, 2);
  }

  /** libtorch's own product of two matrices of one type, with offsets added to each row, if any. */
  public static Tensor plain(Tensor left, Tensor right, Optional<Tensor> offsets) {
    return offsets.map(row -> torch.addmm(row, left, right)).orElseGet(() -> left.mm(right));
  }

  /**
   * The product of two matrices of one type on the CPU, in the pointer scope that is open. A large
   * one in float32 is computed in pieces on this thread: OpenBLAS would share it among threads of
   * its own, which then look for more work for some 25 ms, on cores that the next layer needs.
   *
   * @param offsets added to each row, if any
   */
  public static Tensor multiply(Tensor left, Tensor right, Optional<Tensor> offsets) {
    long rows = left.size(0);
    long inner = left.size(1);
    long columns = right.size(1);
    boolean byOpenBlas = left.scalar_type().intern() == ScalarType.Float;
    if (!byOpenBlas || rows * inner * columns <= ONE_THREAD) {
      return plain(left, right, offsets);
    }
    Tensor product =
        torch.empty(new long[] {rows, columns}, left.options(), new MemoryFormatOptional());
    int side = rows > columns ? 0 : 1;
    long length = product.size(side);
    long together = Math.max(1, ONE_THREAD / (inner * Math.min(rows, columns)));
    for (long from = 0; from < length; from += together) {
      long count = Math.min(together, length - from);
      torch.mm_out(
          product.narrow(side, from, count),
          side == 0 ? left.narrow(0, from, count) : left,
          side == 1 ? right.narrow(1, from, count) : right);
    }
    offsets.ifPresent(product::add_);
    return product;
  }
}
