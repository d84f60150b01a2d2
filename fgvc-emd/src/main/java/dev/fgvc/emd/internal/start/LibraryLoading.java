package dev.fgvc.emd.internal.start;

import dev.fgvc.concurrent.Tasks;
import java.util.concurrent.FutureTask;

/**
 * Loads native libraries on a thread of its own. Loaders unpack files, which an interrupt of their
 * thread stops, and afterwards the library cannot be loaded any more in the JVM. Here an interrupt
 * reaches only the thread that waits, which stays interrupted.
 */
final class LibraryLoading {

  private LibraryLoading() {}

  /**
   * Runs a loader to its end.
   *
   * @throws RuntimeException or an Error, as the loader throws it
   */
  static void run(Runnable loader) {
    FutureTask<Void> task = new FutureTask<>(loader, null);
    Thread thread = new Thread(task, "fgvc-library-loading");
    thread.setDaemon(true);
    thread.setContextClassLoader(Thread.currentThread().getContextClassLoader());
    thread.start();
    Tasks.awaitUninterruptibly(task);
  }
}
