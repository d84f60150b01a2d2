package dev.fgvc.nets.engine.torch.memory;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Copies between large Java arrays and tensors, a piece at a time. For a GPU the pieces lie in
 * page-locked memory, which libtorch keeps: one is on its way while the next is written, and no
 * page is touched for the first time, as all pages of a large tensor in the host's memory would be.
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
public final class PinnedCopies {

  /** Values of a piece. */
  static final int PIECE = 1 << 20;

  private PinnedCopies() {}

  /**
   * Fills a tensor.
   *
   * @param values at least as many as the tensor has, row-major
   * @param target contiguous floats
   */
  public static void write(float[] values, Tensor target) {
    int count = Math.toIntExact(target.numel());
    Tensor flat = target.view(-1);
    for (int from = 0; from < count; from += PIECE) {
      try (PointerScope temporaries = new PointerScope()) {
        int length = Math.min(PIECE, count - from);
        Tensor piece = piece(length, ScalarType.Float, target.is_cuda());
        piece.data_ptr_float().put(values, from, length);
        // libtorch gives the piece's memory to nobody before the copy is done.
        flat.narrow(0, from, length).copy_(piece, true);
      }
    }
  }

  /**
   * The values of a tensor.
   *
   * @param source contiguous doubles
   * @param target as many as the tensor has, row-major
   */
  public static void read(Tensor source, double[] target) {
    if (source.is_cuda()) {
      readInPieces(source, target);
    } else {
      source.data_ptr_double().get(target);
    }
  }

  /** Floats likewise. */
  public static void read(Tensor source, float[] target) {
    if (source.is_cuda()) {
      readInPieces(source, target);
    } else {
      source.data_ptr_float().get(target);
    }
  }

  static void readInPieces(Tensor source, double[] target) {
    read(
        source,
        target.length,
        ScalarType.Double,
        (piece, from, length) -> piece.data_ptr_double().get(target, from, length));
  }

  static void readInPieces(Tensor source, float[] target) {
    read(
        source,
        target.length,
        ScalarType.Float,
        (piece, from, length) -> piece.data_ptr_float().get(target, from, length));
  }

  /** Takes a piece's values to a place in an array. */
  private interface Reader {
    void take(Tensor piece, int from, int length);
  }

  private static void read(Tensor source, int count, ScalarType type, Reader reader) {
    Tensor flat = source.view(-1);
    for (int from = 0; from < count; from += PIECE) {
      try (PointerScope temporaries = new PointerScope()) {
        int length = Math.min(PIECE, count - from);
        Tensor piece = piece(length, type, source.is_cuda());
        piece.copy_(flat.narrow(0, from, length));
        reader.take(piece, from, length);
      }
    }
  }

  private static Tensor piece(int length, ScalarType type, boolean pageLocked) {
    return torch.empty(
        new long[] {length},
        new TensorOptions(type).pinned_memory(new BoolOptional(pageLocked)),
        new MemoryFormatOptional());
  }
}
