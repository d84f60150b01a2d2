package dev.fgvc.nets.cluster.c10d;

import dev.fgvc.nets.engine.ProcessGroupException;
import dev.fgvc.nets.train.SharedRun;
import dev.fgvc.nets.train.TrainingListener;
import dev.fgvc.nets.train.TrainingStep;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A rank of a training run, which holds at a step until a file says that it may go on. Arguments:
 * the folder of the images, that of the run, the step.
 */
final class RankMain {

  static final String CHECKPOINTS = "checkpoints";

  /** Is there while rank 0 holds. */
  static final String HOLDING = "holding";

  /** Lets rank 0 go on. */
  static final String GO = "go";

  private RankMain() {}

  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[1]);
    int step = Integer.parseInt(arguments[2]);
    try (GlooGroup group = GlooGroup.join()) {
      Files.writeString(pid(folder, group.rank()), Long.toString(ProcessHandle.current().pid()));
      SharedRun.train(
          SharedRun.trainer(folder.resolve(CHECKPOINTS))
              .withGroup(group)
              .withListener(new Holding(folder, step)),
          SharedRun.dataset(Path.of(arguments[0])),
          1 + group.rank());
    } catch (ProcessGroupException e) {
      System.out.println("failed: " + e.getMessage());
      throw e;
    }
  }

  static Path pid(Path folder, int rank) {
    return folder.resolve("pid-" + rank);
  }

  private record Holding(Path folder, int at) implements TrainingListener {

    @Override
    public void step(TrainingStep step) {
      try {
        if (step.step() == at && !Files.exists(folder.resolve(GO))) {
          Files.createFile(folder.resolve(HOLDING));
          while (!Files.exists(folder.resolve(GO))) {
            Thread.sleep(5);
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
