package dev.fgvc.nets.engine.torch.memory;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;

/** Native objects that outlive the pointer scope in which they were made. */
public final class OwnedPointers implements AutoCloseable {

  private final List<Pointer> pointers = new ArrayList<>();

  /** Keeps an object until this is closed. */
  public <T extends Pointer> T keep(T pointer) {
    pointer.retainReference();
    pointers.add(pointer);
    return pointer;
  }

  @Override
  public void close() {
    pointers.forEach(Pointer::releaseReference);
    pointers.clear();
  }
}
