package dev.fgvc.natives;

import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * Lets any number of threads use native memory at once, and frees it when the last of them has
 * ended. Users share a lock; closing takes it alone.
 */
public final class SharedUse {

  private final String name;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;

  /**
   * Starts with native memory that is open and has no user.
   *
   * @param name of what is used, for messages
   */
  public SharedUse(String name) {
    this.name = name;
  }

  /**
   * Runs something that needs the memory, and keeps closing away meanwhile.
   *
   * @param <T> what it gives
   * @param work to run, on the calling thread
   * @return what it gives
   * @throws IllegalStateException if this is closed
   */
  public <T> T whileOpen(Supplier<T> work) {
    lock.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException(name + " is closed");
      }
      return work.get();
    } finally {
      lock.readLock().unlock();
    }
  }

  /**
   * Waits for all users and refuses later ones. Closing twice does nothing.
   *
   * @param release frees the memory; called once
   */
  public void close(Runnable release) {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        release.run();
      }
    } finally {
      lock.writeLock().unlock();
    }
  }
}
