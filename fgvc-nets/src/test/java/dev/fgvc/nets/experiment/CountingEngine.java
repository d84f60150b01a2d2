package dev.fgvc.nets.experiment;

import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.ImageBatch;
import dev.fgvc.nets.engine.InferenceOptions;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.engine.TrainableNetwork;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.weights.Weights;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** Computes on the CPU, whatever device is asked for, and counts the images it is given. */
final class CountingEngine implements Engine {

  final AtomicLong trainedImages = new AtomicLong();
  final AtomicLong evaluatedImages = new AtomicLong();

  /** The devices asked for, one for each training, in no order. */
  final List<Device> trainings = Collections.synchronizedList(new ArrayList<>());

  /** The options asked for, one for each network compiled. */
  final List<InferenceOptions> inference = Collections.synchronizedList(new ArrayList<>());

  private final Engine torch = Engine.torch();

  @Override
  public String name() {
    return "counting";
  }

  @Override
  public int priority() {
    return 0;
  }

  @Override
  public String unavailableBecause() {
    return "";
  }

  @Override
  public <T> List<T> sideBySide(List<Supplier<T>> tasks) {
    return torch.sideBySide(tasks);
  }

  @Override
  public Network compile(NetworkGraph graph, Weights weights, InferenceOptions options) {
    inference.add(options);
    Network network = torch.compile(graph, weights, options.withDevice(Device.cpu()));
    return counting(Network.class, network, evaluatedImages);
  }

  @Override
  public TrainableNetwork compileForTraining(
      NetworkGraph graph, Weights weights, TrainingOptions options) {
    trainings.add(options.device());
    TrainingOptions here = options.toBuilder().device(Device.cpu()).build();
    TrainableNetwork network = torch.compileForTraining(graph, weights, here);
    return counting(TrainableNetwork.class, network, trainedImages);
  }

  private static <T> T counting(Class<T> type, T counted, AtomicLong images) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              for (Object argument : arguments == null ? new Object[0] : arguments) {
                if (argument instanceof ImageBatch batch) {
                  images.addAndGet(batch.count());
                }
              }
              try {
                return method.invoke(counted, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }
}
