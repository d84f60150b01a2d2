package dev.fgvc.nets.engine.torch.runtime;

import dev.fgvc.nets.engine.ByteImages;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.ImageBatch;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.torch.memory.PinnedCopies;
import dev.fgvc.nets.weights.Normalization;
import dev.fgvc.nets.weights.WeightTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.ejml.data.FMatrixRMaj;

/**
 * Values into libtorch's tensors and back. All methods leave temporaries to the caller's pointer
 * scope; what they return owns its storage.
 */
public final class TorchTensors {

  private TorchTensors() {}

  /** A batch as a normalised channels-last tensor of floats [n, 3, h, w] on a device. */
  public static Tensor images(ImageBatch batch, Device device) {
    return images(batch, device, ScalarType.Float);
  }

  /** The same in another type. */
  public static Tensor images(ImageBatch batch, Device device, ScalarType type) {
    if (batch instanceof ByteImages bytes) {
      return normalised(brought(borrowed(bytes), device), bytes.normalization(), type);
    }
    Images images = batch.toFloats();
    long height = images.resolution().height();
    long width = images.resolution().width();
    FloatBuffer pixels = images.pixels();
    boolean inPlace = pixels.isDirect() && pixels.order() == ByteOrder.nativeOrder();
    FloatPointer pointer;
    if (inPlace) {
      pointer = new FloatPointer(pixels);
    } else {
      float[] copy = new float[pixels.remaining()];
      pixels.duplicate().get(copy);
      pointer = new FloatPointer(copy);
    }
    Tensor borrowed =
        torch.from_blob(pointer, new long[] {images.count(), 3, height, width}, floats());
    // Narrowed first, as the strided copy after it takes its time by the byte.
    Tensor typed = brought(borrowed, device).to(type).contiguous(MemoryFormat.ChannelsLast);
    return typed.is_alias_of(borrowed) ? typed.clone() : typed;
  }

  /**
   * A batch on a device. On its way to a GPU it lies in page-locked memory, which libtorch keeps
   * for the next one and fills on all its threads: several times as fast as the driver's own
   * copies.
   */
  private static Tensor brought(Tensor borrowed, Device device) {
    return device.kind() == Device.Kind.CPU
        ? borrowed
        : borrowed
            .pin_memory()
            .to(
                nativeDevice(device),
                borrowed.scalar_type(),
                true,
                false,
                new MemoryFormatOptional());
  }

  /** Bytes [n, h, w, 3] that share the batch's direct buffer, or a copy of any other. */
  static Tensor borrowed(ByteImages images) {
    ByteBuffer pixels = images.pixels();
    BytePointer pointer;
    if (pixels.isDirect()) {
      pointer = new BytePointer(pixels);
    } else {
      byte[] copy = new byte[pixels.remaining()];
      pixels.duplicate().get(copy);
      pointer = new BytePointer(copy);
    }
    long[] shape = {images.count(), images.resolution().height(), images.resolution().width(), 3};
    return torch.from_blob(pointer, shape, new TensorOptions(ScalarType.Byte));
  }

  /**
   * Bytes [n, h, w, 3] as a normalised channels-last tensor [n, 3, h, w] on the same device: a
   * quarter of the floats' traffic on the way there.
   */
  public static Tensor normalised(Tensor bytes, Normalization normalization, ScalarType type) {
    if (!normalization.equals(Normalization.inception())) {
      return scaled(bytes.permute(0, 3, 1, 2).to(ScalarType.Float), normalization).to(type);
    }
    Tensor upToTwo = bytes.permute(0, 3, 1, 2).div(new Scalar(127.5));
    Tensor target =
        type == ScalarType.Float
            ? upToTwo
            : torch.empty_like(
                upToTwo,
                new TensorOptions(type).device(new DeviceOptional(upToTwo.device())),
                new MemoryFormatOptional());
    // Rounded in the same pass.
    torch.sub_out(target, upToTwo, torch.ones(new long[0], floats()));
    return target;
  }

  /** Levels [n, 3, h, w], in place, by a factor and an offset for each channel. */
  private static Tensor scaled(Tensor levels, Normalization normalization) {
    float[] factors = new float[3];
    float[] offsets = new float[3];
    for (int channel = 0; channel < 3; channel++) {
      double deviation = normalization.deviation().get(channel);
      factors[channel] = (float) (1 / (255 * deviation));
      offsets[channel] = (float) (-normalization.mean().get(channel) / deviation);
    }
    long[] perChannel = {1, 3, 1, 1};
    Tensor factor = torch.from_blob(new FloatPointer(factors), perChannel, floats());
    Tensor offset = torch.from_blob(new FloatPointer(offsets), perChannel, floats());
    return levels
        .mul_(factor.to(levels.device(), ScalarType.Float))
        .add_(offset.to(levels.device(), ScalarType.Float));
  }

  /** Class indices as a tensor [n] on a device. */
  public static Tensor labels(int[] labels, Device device) {
    long[] wide = Arrays.stream(labels).asLongStream().toArray();
    Tensor borrowed =
        torch.from_blob(
            new LongPointer(wide), new long[] {wide.length}, new TensorOptions(ScalarType.Long));
    return to(borrowed.clone(), device);
  }

  /** A vector of doubles on a device. */
  public static Tensor doubles(double[] values, Device device) {
    Tensor tensor =
        torch.empty(
            new long[] {values.length},
            new TensorOptions(ScalarType.Double),
            new MemoryFormatOptional());
    tensor.data_ptr_double().put(values);
    return to(tensor, device);
  }

  /** A row-major tensor of the given shape on a device. */
  public static Tensor of(FloatBuffer values, long[] shape, Device device) {
    float[] array = new float[values.remaining()];
    values.duplicate().get(array);
    return of(array, shape, device);
  }

  /** The same from an array, copied once, into the tensor's own memory. */
  public static Tensor of(float[] values, long[] shape, Device device) {
    Tensor tensor = torch.empty(shape, floats(), new MemoryFormatOptional());
    if (tensor.numel() != values.length) {
      throw new IllegalArgumentException(
          values.length + " values for a tensor of shape " + Arrays.toString(shape));
    }
    tensor.data_ptr_float().put(values);
    return to(tensor, device);
  }

  /** A weight tensor in its own shape and order. */
  public static Tensor of(WeightTensor weights, Device device) {
    return written(weights::copyTo, longs(weights.shape()), device);
  }

  /**
   * A tensor whose values are written straight into its memory.
   *
   * @param values writes as many as the shape says, row-major
   */
  public static Tensor written(Consumer<FloatBuffer> values, long[] shape, Device device) {
    Tensor tensor = torch.empty(shape, floats(), new MemoryFormatOptional());
    if (tensor.numel() > 0) {
      values.accept(tensor.data_ptr_float().capacity(tensor.numel()).asBuffer());
    }
    return to(tensor, device);
  }

  /** Values of a tensor, row-major. */
  public static float[] values(Tensor tensor) {
    Tensor contiguous = tensor.contiguous();
    float[] values = new float[Math.toIntExact(contiguous.numel())];
    PinnedCopies.read(contiguous, values);
    return values;
  }

  /** A tensor [n, d] or [n, d, 1, 1] as a matrix. */
  public static FMatrixRMaj matrix(Tensor tensor, int rows, int columns) {
    return FMatrixRMaj.wrap(rows, columns, values(tensor));
  }

  public static Tensor to(Tensor tensor, Device device) {
    return device.kind() == Device.Kind.CPU
        ? tensor
        : tensor.to(nativeDevice(device), tensor.scalar_type());
  }

  public static TensorOptions floats() {
    return new TensorOptions(ScalarType.Float);
  }

  public static long[] longs(List<Integer> shape) {
    return shape.stream().mapToLong(Integer::longValue).toArray();
  }

  public static org.bytedeco.pytorch.Device nativeDevice(Device device) {
    return new org.bytedeco.pytorch.Device(DeviceType.CUDA, (byte) device.index());
  }
}
