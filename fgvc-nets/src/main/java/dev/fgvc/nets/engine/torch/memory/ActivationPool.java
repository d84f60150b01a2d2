package dev.fgvc.nets.engine.torch.memory;

import dev.fgvc.nets.arch.Window;
import dev.fgvc.nets.engine.Device;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Memory of the CPU for the large activations of training, reused from one to the next and from
 * step to step. The C library would fetch it from the operating system each time and give it back,
 * and the system clears and maps every page of it again: several times the cost of what is done to
 * an activation. For one thread at a time.
 *
 * <p>An activation lies in the smallest memory that is free and holds it. On the way back through a
 * graph activations grow as those of the way there are dropped, so little of what is kept lies idle
 * when most is needed.
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
public final class ActivationPool implements AutoCloseable {

  /** Minimum number of values for pooling. Smaller memory the C library keeps by itself. */
  static final long VALUES = 1 << 20;

  private final boolean pooled;
  private final List<Block> blocks = new ArrayList<>();

  private ActivationPool(boolean pooled) {
    this.pooled = pooled;
  }

  /** Keeps memory of the CPU alone: libtorch does so by itself on other devices. */
  public static ActivationPool on(Device device) {
    return new ActivationPool(device.kind() == Device.Kind.CPU);
  }

  /** Whether activations of this many values are pooled. */
  public boolean keeps(long values) {
    return pooled && values >= VALUES;
  }

  /** An activation of a channels-last activation's shape and type, its values left undefined. */
  public Tensor like(Tensor activation) {
    return keeps(activation.numel())
        ? take(
            activation.size(0),
            activation.size(1),
            activation.size(2),
            activation.size(3),
            activation.scalar_type().intern())
        : torch.empty_like(activation);
  }

  /**
   * Memory for what a window makes of an activation, in its type, its values left undefined; only
   * if it is large.
   */
  public Optional<Tensor> output(Tensor input, long channels, Window window) {
    long height = window.outputHeight((int) input.size(2));
    long width = window.outputWidth((int) input.size(3));
    return keeps(input.size(0) * channels * height * width)
        ? Optional.of(take(input.size(0), channels, height, width, input.scalar_type().intern()))
        : Optional.empty();
  }

  /** A channels-last activation [count, channels, height, width] of values left undefined. */
  Tensor take(long count, long channels, long height, long width, ScalarType type) {
    long values = count * channels * height * width;
    Block block = free(values, type).orElseGet(() -> added(values, type));
    block.used = true;
    return block
        .memory
        .narrow(0, 0, values)
        .view(count, height, width, channels)
        .permute(0, 3, 1, 2);
  }

  private Optional<Block> free(long values, ScalarType type) {
    return blocks.stream()
        .filter(block -> block.type == type && block.values >= values && block.isFree())
        .min(Comparator.comparingLong(block -> block.values));
  }

  private Block added(long values, ScalarType type) {
    Block block = new Block(values, type);
    blocks.add(block);
    return block;
  }

  /** Ends a step: gives back what it had no use for, as after a change of the resolution. */
  public void endStep() {
    for (Block block : List.copyOf(blocks)) {
      if (!block.used) {
        block.close();
        blocks.remove(block);
      }
      block.used = false;
    }
  }

  /** Gives all back; activations that are still held keep theirs. */
  @Override
  public void close() {
    blocks.forEach(Block::close);
    blocks.clear();
  }

  private static final class Block implements AutoCloseable {

    private final long values;
    private final ScalarType type;
    private final Tensor memory;

    /** In the step that goes on. */
    private boolean used;

    Block(long values, ScalarType type) {
      this.values = values;
      this.type = type;
      try (PointerScope temporaries = new PointerScope()) {
        memory =
            torch.empty(new long[] {values}, new TensorOptions(type), new MemoryFormatOptional());
        memory.retainReference();
      }
    }

    /** Whether the last activation in it is gone. */
    boolean isFree() {
      try (PointerScope temporaries = new PointerScope()) {
        return memory.storage().use_count() == 1;
      }
    }

    @Override
    public void close() {
      memory.releaseReference();
    }
  }
}
