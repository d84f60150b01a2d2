package dev.fgvc.nets.engine.torch;

import static dev.fgvc.nets.engine.torch.runtime.TorchLibrary.LIBTORCH;

import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.EngineException;
import dev.fgvc.nets.engine.torch.memory.PinnedCopies;
import dev.fgvc.nets.engine.torch.runtime.TorchDevices;
import dev.fgvc.nets.engine.torch.runtime.TorchTensors;
import java.util.Arrays;
import java.util.Locale;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;

/**
 * Euclidean distances as {@code sqrt(||a||^2 + ||b||^2 - 2ab)} by one matrix product in double
 * precision, on the CPU or a GPU. Points are centred first; what remains of cancellation is an
 * error of about 1e-8 of the longest point, so pairs that coincide may come out that far apart.
 *
 * <p>{@code TorchDistances.on(Device.cuda(0))::between} is a ground distance for {@code
 * dev.fgvc.emd}. Time is O(m n dimension); memory on the device is 16 bytes for each distance and 8
 * for each coordinate. Immutable, safe for use by many threads.
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
public final class TorchDistances {

  private final Device device;

  private TorchDistances(Device device) {
    this.device = device;
  }

  /**
   * Distances that a given device computes.
   *
   * @param device where the matrix product is done
   * @return the distances
   * @throws EngineException if libtorch is not on the class path or does not see the device
   */
  public static TorchDistances on(Device device) {
    LIBTORCH.run("looking for " + device, () -> TorchDevices.require(device));
    return new TorchDistances(device);
  }

  /**
   * The distance of every source point to every target point; copies there and back are part of it.
   *
   * @param source one point a row, m x dimension, finite
   * @param target one point a row, n x dimension, finite
   * @return a new m x n matrix, finite and not negative
   * @throws IllegalArgumentException if the dimensions differ, a value is NaN or infinite, or the
   *     matrix is too large for Java
   * @throws EngineException if memory does not suffice
   */
  public DMatrixRMaj between(FMatrixRMaj source, FMatrixRMaj target) {
    if (source.numCols != target.numCols) {
      throw new IllegalArgumentException(
          "source points have dimension " + source.numCols + ", target points " + target.numCols);
    }
    if ((long) source.numRows * target.numRows > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          source.numRows
              + " x "
              + target.numRows
              + " distances are more than a Java array holds: compute them in parts");
    }
    return LIBTORCH.call(
        source.numRows + " x " + target.numRows + " distances",
        () -> {
          try (InferenceMode mode = new InferenceMode(true);
              PointerScope scope = new PointerScope()) {
            Tensor rows = points(source, device);
            Tensor columns = points(target, device);
            requireFinite(rows, source, columns, target);
            return between(rows, columns);
          }
        });
  }

  /** Sums tell whether to look: of finite floats they are finite doubles. */
  private static void requireFinite(
      Tensor rows, FMatrixRMaj source, Tensor columns, FMatrixRMaj target) {
    if (!Double.isFinite(rows.sum().add(columns.sum()).item_double())) {
      requireFinite("source", source);
      requireFinite("target", target);
    }
  }

  /** The same between tensors of doubles on one device, both of which it overwrites. */
  static DMatrixRMaj between(Tensor rows, Tensor columns) {
    Tensor centre = columns.mean(new long[] {0});
    rows.sub_(centre);
    columns.sub_(centre);
    Tensor distances =
        torch
            .mm(rows, columns.t())
            .mul_(new Scalar(-2))
            .add_(squares(rows).unsqueeze(1))
            .add_(squares(columns).unsqueeze(0))
            .clamp_min_(new Scalar(0))
            .sqrt_();
    DMatrixRMaj result = new DMatrixRMaj((int) rows.size(0), (int) columns.size(0));
    PinnedCopies.read(distances, result.data);
    return result;
  }

  /** A matrix as a tensor of doubles of its own. */
  static Tensor points(FMatrixRMaj matrix, Device device) {
    long[] shape = {matrix.numRows, matrix.numCols};
    if (device.kind() == Device.Kind.CUDA) {
      TensorOptions there =
          TorchTensors.floats().device(new DeviceOptional(TorchTensors.nativeDevice(device)));
      Tensor floats = torch.empty(shape, there, new MemoryFormatOptional());
      PinnedCopies.write(matrix.data, floats);
      return floats.to(ScalarType.Double);
    }
    float[] values = matrix.data;
    if (values.length != matrix.getNumElements()) {
      values = Arrays.copyOf(values, matrix.getNumElements());
    }
    return TorchTensors.of(values, shape, device).to(ScalarType.Double);
  }

  private static void requireFinite(String what, FMatrixRMaj points) {
    for (int i = 0; i < points.getNumElements(); i++) {
      if (!Float.isFinite(points.data[i])) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "coordinate %d of %s point %d is %s",
                i % points.numCols,
                what,
                i / points.numCols,
                points.data[i]));
      }
    }
  }

  private static Tensor squares(Tensor points) {
    return points.mul(points).sum(1);
  }
}
