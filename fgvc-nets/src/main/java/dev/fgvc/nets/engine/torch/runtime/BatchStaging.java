package dev.fgvc.nets.engine.torch.runtime;

import dev.fgvc.nets.engine.ByteImages;
import dev.fgvc.nets.engine.Device;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Brings batches of bytes to a device through two buffers in turn, so that on a GPU one batch is
 * copied while the one before is computed. On the CPU the buffer is what is computed from.
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
public final class BatchStaging implements AutoCloseable {

  private final Device device;
  private final SideStream stream;
  private final List<Slot> slots;
  private int next;

  public BatchStaging(Device device) {
    this.device = device;
    this.stream = new SideStream(device);
    this.slots = Stream.generate(Slot::new).limit(2).toList();
  }

  /**
   * Copies the batch asynchronously and hands the device's tensors to some work, which a GPU may
   * still be doing when this returns.
   *
   * @param work takes the images [n, h, w, 3] as bytes and the labels [n] as longs, on the device;
   *     valid only for what is started in it
   */
  public void pass(ByteImages images, int[] labels, BiConsumer<Tensor, Tensor> work) {
    Slot slot = slots.get(next);
    next = (next + 1) % slots.size();
    slot.fill(images, labels);
    try (PointerScope temporaries = new PointerScope()) {
      stream.run(slot.consumed, () -> slot.copy(images, labels.length), slot.copied);
      long height = images.resolution().height();
      long width = images.resolution().width();
      work.accept(
          slot.pixels.device(images.pixels().remaining()).view(labels.length, height, width, 3),
          slot.labels.device(labels.length));
    } finally {
      stream.markComputed(slot.consumed);
    }
  }

  private boolean onGpu() {
    return device.kind() != Device.Kind.CPU;
  }

  @Override
  public void close() {
    slots.forEach(Slot::close);
    stream.close();
  }

  /** One of the two pairs of buffers. */
  private final class Slot implements AutoCloseable {

    private final Room pixels = new Room(ScalarType.Byte);
    private final Room labels = new Room(ScalarType.Long);

    /** Reached once the host's side may be written again. */
    private final SideStream.Mark copied = stream.mark();

    /** Reached once the device's side may be written again. */
    private final SideStream.Mark consumed = stream.mark();

    void fill(ByteImages images, int[] classes) {
      copied.await();
      int bytes = images.pixels().remaining();
      if (pixels.capacity() < bytes || labels.capacity() < classes.length) {
        consumed.await();
        pixels.resize(Math.max(bytes, pixels.capacity()));
        labels.resize(Math.max(classes.length, labels.capacity()));
      }
      try (PointerScope temporaries = new PointerScope()) {
        put(images);
        labels.host().data_ptr_long().put(Arrays.stream(classes).asLongStream().toArray());
      }
    }

    private void put(ByteImages images) {
      ByteBuffer from = images.pixels();
      if (onGpu()) {
        // On all threads: one would take longer for the copy than the GPU for the batch.
        Tensor bytes = TorchTensors.borrowed(images).flatten();
        pixels.host().narrow(0, 0, bytes.numel()).copy_(bytes);
      } else if (from.isDirect()) {
        Pointer.memcpy(pixels.host().data_ptr_byte(), new BytePointer(from), from.remaining());
      } else {
        byte[] values = new byte[from.remaining()];
        from.duplicate().get(values);
        pixels.host().data_ptr_byte().put(values);
      }
    }

    void copy(ByteImages images, int count) {
      pixels.copy(images.pixels().remaining());
      labels.copy(count);
    }

    @Override
    public void close() {
      copied.await();
      consumed.await();
      copied.close();
      consumed.close();
      pixels.free();
      labels.free();
    }
  }

  /** A page-locked buffer and its counterpart on a GPU; on the CPU both are one. */
  private record Buffers(Tensor host, Tensor device) {

    void free() {
      device.releaseReference();
      host.releaseReference();
    }
  }

  /** Room for values of one type, which grows with the batches. */
  private final class Room {

    private final ScalarType type;
    private Optional<Buffers> buffers = Optional.empty();

    Room(ScalarType type) {
      this.type = type;
    }

    long capacity() {
      return buffers.map(each -> each.host.numel()).orElse(0L);
    }

    void resize(long capacity) {
      free();
      try (PointerScope temporaries = new PointerScope()) {
        TensorOptions options = new TensorOptions(type).pinned_memory(new BoolOptional(onGpu()));
        Tensor host = torch.empty(new long[] {capacity}, options, new MemoryFormatOptional());
        // Waits for the device, so that nothing still uses what memory this gets.
        Tensor counterpart = TorchTensors.to(host, device);
        buffers = Optional.of(new Buffers(host.retainReference(), counterpart.retainReference()));
      }
    }

    Tensor host() {
      return buffers.orElseThrow().host;
    }

    Tensor device(long count) {
      return buffers.orElseThrow().device.narrow(0, 0, count);
    }

    void copy(long count) {
      Buffers both = buffers.orElseThrow();
      if (!both.device.is_alias_of(both.host)) {
        device(count).copy_(both.host.narrow(0, 0, count), true);
      }
    }

    void free() {
      buffers.ifPresent(Buffers::free);
      buffers = Optional.empty();
    }
  }
}
