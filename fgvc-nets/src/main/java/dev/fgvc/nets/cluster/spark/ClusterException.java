package dev.fgvc.nets.cluster.spark;

/**
 * A job that Spark gave up, or results that do not fit together; Spark's own words are the cause.
 */
public final class ClusterException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  ClusterException(String message) {
    super(message);
  }

  ClusterException(String message, Throwable cause) {
    super(message, cause);
  }
}
