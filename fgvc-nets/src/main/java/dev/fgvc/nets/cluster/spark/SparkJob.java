package dev.fgvc.nets.cluster.spark;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SimpleFutureAction;
import org.apache.spark.SparkException;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import scala.Function1;
import scala.collection.Iterator;
import scala.collection.immutable.Range;
import scala.runtime.BoxedUnit;

/**
 * Runs one job and hands over the result of each partition, exactly once, as it arrives. Results
 * come back with their tasks: Spark takes one for each partition, however often a partition was
 * computed because an executor was lost or a task was slow. Accumulators would count twice.
 *
 * <p>Tasks and results are arrays of bytes, so it does not matter which serializer Spark is set to.
 */
final class SparkJob {

  private static final int POLL_MILLISECONDS = 100;

  /** Enough for executors of different speed to end together, few enough for small results. */
  private static final int PARTITIONS_PER_SLOT = 4;

  private static final String CANCELLED = "SPARK_JOB_CANCELLED";

  private SparkJob() {}

  /** Takes results on the thread that asked for the job. */
  interface Results {
    void accept(int partition, byte[] result);
  }

  private record Arrived(int partition, byte[] result) {}

  /**
   * Computes all partitions.
   *
   * @param results whatever it throws ends the job
   * @throws CancellationException if the calling thread is interrupted, which it then stays, or the
   *     job is cancelled in Spark
   * @throws ClusterException if Spark gives up
   */
  static <T> void run(
      String task,
      JavaSparkContext context,
      RDD<T> partitions,
      Function1<Iterator<T>, byte[]> function,
      Results results) {
    int count = partitions.getNumPartitions();
    BlockingQueue<Arrived> arrived = new LinkedBlockingQueue<>();
    SimpleFutureAction<Object> job =
        context
            .sc()
            .submitJob(
                partitions,
                function,
                new Range.Exclusive(0, count, 1),
                (partition, result) -> {
                  // On Spark's scheduling thread, which is not to wait.
                  arrived.add(new Arrived((Integer) partition, result));
                  return BoxedUnit.UNIT;
                },
                () -> BoxedUnit.UNIT);
    int done = 0;
    try {
      while (done < count) {
        boolean ended = job.isCompleted();
        Arrived next = arrived.poll(POLL_MILLISECONDS, TimeUnit.MILLISECONDS);
        if (next != null) {
          results.accept(next.partition(), next.result());
          done++;
        } else if (ended) {
          throw failure(task, job);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException(task + " was interrupted");
    } finally {
      // With all results here, Spark is about to end the job itself.
      if (done < count && !job.isCompleted()) {
        job.cancel();
      }
    }
  }

  private static RuntimeException failure(String task, SimpleFutureAction<Object> job) {
    try {
      job.get();
      return new ClusterException(task + ": Spark ended the job without all results");
    } catch (SparkException e) {
      // Wrapped by whoever waits.
      SparkException reason = e.getCause() instanceof SparkException inner ? inner : e;
      String message = task + ": " + reason.getMessage();
      if (CANCELLED.equals(reason.getCondition())) {
        CancellationException cancelled = new CancellationException(message);
        cancelled.initCause(e);
        return cancelled;
      }
      return new ClusterException(message, e);
    }
  }

  /** The number of partitions of work that may be shared in any number. */
  static int usualPartitions(JavaSparkContext context) {
    return PARTITIONS_PER_SLOT * context.defaultParallelism();
  }

  /** One partition for each element. */
  static RDD<byte[]> partitions(JavaSparkContext context, List<byte[]> elements) {
    return context.parallelize(elements, elements.size()).rdd();
  }

  /**
   * Ends a task that was cancelled; to be called between pieces of work, on the task's own thread.
   */
  static void requireRunning() {
    whileRunning().run();
  }

  /**
   * Returns what ends the work of the task of this thread, once it was cancelled, on any thread.
   */
  static Runnable whileRunning() {
    Optional<TaskContext> task = Optional.ofNullable(TaskContext.get());
    return () -> {
      if (task.isPresent() && task.get().isInterrupted()) {
        throw new TaskKilledException("cancelled");
      }
    };
  }
}
