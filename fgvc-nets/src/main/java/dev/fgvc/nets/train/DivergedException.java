package dev.fgvc.nets.train;

/** A training run whose loss is no longer a number; the message says at which step. */
public final class DivergedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  DivergedException(String message) {
    super(message);
  }
}
