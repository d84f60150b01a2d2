package dev.fgvc.nets.experiment;

import dev.fgvc.concurrent.Tasks;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.progress.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Runs tasks side by side, on the CPU's threads or on several devices, and tells how far it is. */
final class TaskGroups {

  private final Engine engine;
  private final List<Device> devices;
  private final Progress listener;

  /** How many groups of tasks are under way, one within the other. */
  private final AtomicInteger groups = new AtomicInteger();

  /** The latest task of a thread in a group. */
  private final ThreadLocal<String> latest = ThreadLocal.withInitial(() -> "");

  /** The device of a thread that does tasks on one of several. */
  private final ThreadLocal<Optional<Device>> own = ThreadLocal.withInitial(Optional::empty);

  TaskGroups(Engine engine, List<Device> devices, Progress listener) {
    this.engine = engine;
    this.devices = devices;
    this.listener = listener;
  }

  /** The device on which the calling thread computes. */
  Device device() {
    return own.get().orElse(devices.get(0));
  }

  /**
   * The kind of device by which work is known: a CPU that does without some of its instructions
   * (docs/native-libraries.md) computes other last bits.
   */
  String deviceKind() {
    String without = System.getProperty("fgvc.cpu.without", "").trim();
    Device.Kind kind = device().kind();
    return kind == Device.Kind.CPU && !without.isEmpty() ? kind + " without " + without : "" + kind;
  }

  /** Reports one step, unless tasks run side by side. */
  void report(String task, long done, long total, String note) {
    if (groups.get() == 0) {
      listener.report(task, done, total, note);
    } else {
      latest.set(task);
    }
  }

  /** Returns the results in the order of the tasks. */
  <T> List<T> run(String name, List<Supplier<T>> tasks) {
    boolean outermost = groups.getAndIncrement() == 0;
    Group group = new Group(name, tasks.size());
    try {
      return distribute(
          outermost ? tasks.stream().<Supplier<T>>map(group::counted).toList() : tasks);
    } finally {
      groups.decrementAndGet();
    }
  }

  private <T> List<T> distribute(List<Supplier<T>> tasks) {
    if (own.get().isPresent()) {
      return tasks.stream().map(Supplier::get).toList();
    }
    if (devices.get(0).kind() == Device.Kind.CPU) {
      return engine.sideBySide(tasks);
    }
    return onDevices(tasks);
  }

  /**
   * Task i runs on device i modulo their number, whatever the others take, so that a repetition
   * does the same on the same device. If one fails or the caller is interrupted, those under way
   * are interrupted and waited for, and no other begins.
   */
  private <T> List<T> onDevices(List<Supplier<T>> tasks) {
    List<ExecutorService> threads = new ArrayList<>();
    try {
      List<Future<T>> running = new ArrayList<>();
      for (int i = 0; i < tasks.size(); i++) {
        Device device = devices.get(i % devices.size());
        if (i < devices.size()) {
          threads.add(Executors.newSingleThreadExecutor(work -> thread(device, work)));
        }
        Supplier<T> task = tasks.get(i);
        running.add(threads.get(i % devices.size()).submit(task::get));
      }
      return Tasks.await(running);
    } finally {
      Tasks.stop(threads);
    }
  }

  private Thread thread(Device device, Runnable work) {
    return Tasks.daemons("fgvc-laboratory-" + device)
        .newThread(
            () -> {
              own.set(Optional.of(device));
              work.run();
            });
  }

  /** Tells how many tasks that run side by side are done. */
  private final class Group {

    private final String name;
    private final int size;
    private int done;

    Group(String name, int size) {
      this.name = name;
      this.size = size;
    }

    <T> Supplier<T> counted(Supplier<T> task) {
      return () -> {
        T result = task.get();
        tellOneMore();
        return result;
      };
    }

    private synchronized void tellOneMore() {
      done++;
      listener.report(name, done, size, latest.get());
    }
  }
}
