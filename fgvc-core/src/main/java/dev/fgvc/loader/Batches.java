package dev.fgvc.loader;

import java.util.Iterator;
import java.util.List;

/**
 * The batches of one epoch, made ahead by background threads; to be taken by one thread. {@link
 * #close} stops the background threads before it returns.
 */
public interface Batches extends Iterator<Batch>, AutoCloseable {

  /**
   * How many batches this epoch hands out.
   *
   * @return at least 0; after a resumed start, what is left
   */
  int batchCount();

  /**
   * Whether there is another batch. Stays true after a failure, so that a failed epoch never looks
   * like a finished one.
   *
   * @return false after the last batch and after {@link #close()}
   */
  @Override
  boolean hasNext();

  /**
   * The next batch, waiting for it if need be. The caller closes it.
   *
   * @return the batch
   * @throws dev.fgvc.image.ImageFormatException if one of its images is damaged; the epoch ends
   *     there, and each further call throws the same
   * @throws TooManyDamagedImagesException if more images are damaged than may be skipped, likewise
   * @throws java.io.UncheckedIOException if one of its images cannot be read, likewise
   * @throws java.util.concurrent.CancellationException if the waiting thread is interrupted; the
   *     background threads are stopped and the thread's interrupt flag stays set. Also if another
   *     thread closes this epoch meanwhile
   * @throws java.util.NoSuchElementException if there is no other batch
   */
  @Override
  Batch next();

  /**
   * The files that the batches handed out so far went on without, each once, in the order in which
   * they were due. Empty unless the loader was built with {@link DamagedImages#skip}.
   *
   * @return the files and the reasons; still there after {@link #close()}
   */
  List<SkippedImage> skipped();

  /** Stops the background threads and gives their buffers back; again is allowed. */
  @Override
  void close();
}
