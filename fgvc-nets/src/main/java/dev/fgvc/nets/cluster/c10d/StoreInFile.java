package dev.fgvc.nets.cluster.c10d;

import java.nio.file.Path;
import java.time.Duration;
import org.bytedeco.pytorch.FileStore;
import org.bytedeco.pytorch.Store;

/**
 * A file that all processes see, another one for each attempt: a killed process may have left the
 * last one half written.
 */
record StoreInFile(Path file) implements GroupStore {

  @Override
  public Store open(int rank, int size, int attempt, Duration timeout) {
    Store store = new FileStore(file.toAbsolutePath() + "-" + attempt, size);
    store.setTimeout(GroupStore.milliseconds(timeout));
    return store;
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
