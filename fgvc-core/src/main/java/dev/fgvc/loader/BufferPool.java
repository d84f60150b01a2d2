package dev.fgvc.loader;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;

/**
 * Direct buffers of one size that are used again. It makes a buffer when it has none, so a consumer
 * that holds many batches costs memory but never stalls the loader.
 */
final class BufferPool {

  private final int bytes;
  private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();
  private boolean closed;
  private int made;

  BufferPool(int bytes) {
    this.bytes = bytes;
  }

  synchronized ByteBuffer take() {
    ByteBuffer buffer = free.pollFirst();
    if (buffer == null) {
      made++;
      buffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }
    return buffer;
  }

  synchronized void giveBack(ByteBuffer buffer) {
    if (!closed) {
      free.addFirst(buffer);
    }
  }

  /** Drops what is free; what is still out is dropped when it comes back. */
  synchronized void close() {
    closed = true;
    free.clear();
  }

  synchronized int made() {
    return made;
  }
}
