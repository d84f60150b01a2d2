package dev.fgvc.natives;

import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;

/**
 * A lock between processes, held while one of them unpacks native libraries into a folder and loads
 * them. The operating system releases it when its holder ends, even if it is killed.
 *
 * <p>JavaCPP's own lock covers the unpacking of one file. Without another, a process that loads a
 * whole library is led by the system's linker to one that it needs and that a second process is
 * still writing: it maps pages beyond the end of that file and dies of SIGBUS.
 */
final class CacheLock implements AutoCloseable {

  private static final String NAME = ".fgvc.lock";
  private static final Duration PAUSE = Duration.ofMillis(10);

  /** Empty where no lock can be had: nobody can write to the folder, or it is not there. */
  private final Optional<FileChannel> channel;

  private CacheLock(Optional<FileChannel> channel) {
    this.channel = channel;
  }

  /**
   * Waits while another process, or another class loader's copy of this class, holds the lock.
   *
   * @param folder where the lock's file is made, which stays there
   * @param patience how long to wait
   * @throws IOException if that was not long enough
   */
  static CacheLock acquire(Path folder, Duration patience) throws IOException {
    Path file = folder.resolve(NAME);
    Optional<FileChannel> own = open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    // Another user's file can be locked by its readers together, once its owner has unpacked.
    Optional<FileChannel> channel = own.or(() -> open(file, StandardOpenOption.READ));
    if (channel.isPresent()) {
      long end = System.nanoTime() + patience.toNanos();
      while (!isLocked(channel.get(), own.isEmpty())) {
        if (System.nanoTime() > end) {
          channel.get().close();
          throw new IOException(
              "another process has held "
                  + file
                  + " for "
                  + patience.toSeconds()
                  + " seconds: end that process or use another folder");
        }
        Uninterruptibles.sleepUninterruptibly(PAUSE);
      }
    }
    return new CacheLock(channel);
  }

  private static Optional<FileChannel> open(Path file, OpenOption... options) {
    try {
      return Optional.of(FileChannel.open(file, options));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Tries once; true as well on a file system without locks. */
  private static boolean isLocked(FileChannel channel, boolean shared) {
    try {
      return channel.tryLock(0, Long.MAX_VALUE, shared) != null;
    } catch (OverlappingFileLockException e) {
      return false; // held in this process, by another class loader's copy
    } catch (IOException e) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    if (channel.isPresent()) {
      channel.get().close();
    }
  }
}
