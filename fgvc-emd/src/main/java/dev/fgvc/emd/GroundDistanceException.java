package dev.fgvc.emd;

/**
 * A native library failed while it computed ground distances, mostly for want of memory. The
 * message says which distances and what to do; the library's own words are in the cause.
 */
public final class GroundDistanceException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  GroundDistanceException(String message, Throwable cause) {
    super(message, cause);
  }
}
