package dev.fgvc.nets.cluster.spark;

/**
 * A job that Spark gave up, or results that do not fit together; Spark's own words are the cause.
 */
public final class ClusterException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  ClusterException(String message) {
    super(message);
  }

  /** The records of an RDD are others than they were when they were counted. */
  static ClusterException ofChangedRecords(String what) {
    return new ClusterException(what + ": persist the RDD, so that it is the same each time");
  }

  ClusterException(String message, Throwable cause) {
    super(message, cause);
  }
}
