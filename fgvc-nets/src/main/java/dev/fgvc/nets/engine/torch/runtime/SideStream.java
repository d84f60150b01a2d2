package dev.fgvc.nets.engine.torch.runtime;

import dev.fgvc.nets.engine.Device;
import java.util.Optional;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DeviceGuardImplInterface;
import org.bytedeco.pytorch.Stream;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.EventFlag;

/**
 * A second stream of a GPU, for copies and exchanges that run beside computations. On the CPU there
 * is none: work is done when it is given, and marks need no waiting for.
 *
 * <p>Through libtorch's interface of any device's streams, as its classes for CUDA alone are not in
 * the library for the CPU.
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
public final class SideStream implements AutoCloseable {

  /** A GPU's second stream and the interface to it. */
  private record Gpu(
      DeviceGuardImplInterface streams, org.bytedeco.pytorch.Device device, Stream side) {}

  private final byte index;
  private final Optional<Gpu> gpu;

  public SideStream(Device device) {
    index = (byte) device.index();
    gpu = device.kind() == Device.Kind.CPU ? Optional.empty() : Optional.of(gpu(device));
  }

  private static Gpu gpu(Device device) {
    try (PointerScope temporaries = new PointerScope()) {
      DeviceGuardImplInterface streams = torch.getDeviceGuardImpl(DeviceType.CUDA);
      org.bytedeco.pytorch.Device place = TorchTensors.nativeDevice(device);
      Stream side = streams.getStreamFromGlobalPool(place, false);
      return new Gpu(streams.retainReference(), place.retainReference(), side.retainReference());
    }
  }

  /**
   * Gives some work to the stream.
   *
   * @param before what it has to wait for
   * @param work starts it, on this thread
   * @param after is set after it; what is computed from now on waits for it
   */
  public void run(Mark before, Runnable work, Mark after) {
    if (gpu.isEmpty()) {
      work.run();
      return;
    }
    Gpu it = gpu.get();
    try (PointerScope temporaries = new PointerScope()) {
      before.hold(it.side);
      Stream computations = it.streams.exchangeStream(it.side);
      try {
        work.run();
      } finally {
        it.streams.exchangeStream(computations);
      }
      after.set(it.side);
      after.hold(computations);
    }
  }

  /** Sets a mark after all that was given to the computing stream so far. */
  public void markComputed(Mark mark) {
    gpu.ifPresent(
        it -> {
          try (PointerScope temporaries = new PointerScope()) {
            mark.set(it.streams.getStream(it.device));
          }
        });
  }

  public Mark mark() {
    return new Mark();
  }

  @Override
  public void close() {
    gpu.ifPresent(
        it -> {
          it.side.releaseReference();
          it.device.releaseReference();
          it.streams.releaseReference();
        });
  }

  /** A place in a stream's work. One that was never set has always been reached. */
  public final class Mark implements AutoCloseable {

    /** The native event, made when it is first set. */
    private final PointerPointer<Pointer> event;

    private Mark() {
      try (PointerScope temporaries = new PointerScope()) {
        event = new PointerPointer<Pointer>(1L).put(0, new Pointer()).retainReference();
      }
    }

    private void set(Stream stream) {
      gpu.orElseThrow().streams.record(event, stream, index, EventFlag.PYTORCH_DEFAULT);
    }

    /** Makes what is given to a stream from now on wait. */
    private void hold(Stream stream) {
      Pointer place = event.get();
      if (place != null && !place.isNull()) {
        gpu.orElseThrow().streams.block(place, stream);
      }
    }

    /** Makes the calling thread wait. */
    public void await() {
      try (PointerScope temporaries = new PointerScope()) {
        Pointer place = event.get();
        if (place != null && !place.isNull()) {
          gpu.orElseThrow().streams.synchronizeEvent(place);
        }
      }
    }

    @Override
    public void close() {
      try (PointerScope temporaries = new PointerScope()) {
        Pointer place = event.get();
        if (place != null && !place.isNull()) {
          gpu.orElseThrow().streams.destroyEvent(place, index);
        }
      }
      event.releaseReference();
    }
  }
}
