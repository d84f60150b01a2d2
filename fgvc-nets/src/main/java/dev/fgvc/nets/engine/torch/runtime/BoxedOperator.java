package dev.fgvc.nets.engine.torch.runtime;

import dev.fgvc.nets.engine.torch.memory.OwnedPointers;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;

/**
 * An operator of libtorch without a C++ function to bind, called through the dispatcher.
 *
 * @param handle the dispatcher's
 */
public record BoxedOperator(OperatorHandle handle) {

  /**
   * Finds an operator.
   *
   * @param owner keeps it
   * @throws RuntimeException if this libtorch has none of that name
   */
  public static BoxedOperator find(String name, String overload, OwnedPointers owner) {
    return new BoxedOperator(owner.keep(Dispatcher.singleton().findSchemaOrThrow(name, overload)));
  }

  /** Asks an operator without arguments whether something is so. */
  public boolean test() {
    IValueVector stack = new IValueVector();
    handle.callBoxed(stack);
    return stack.get(0).toBool();
  }

  /** Its one result, in the pointer scope that is open. */
  public Tensor call(IValue... arguments) {
    IValueVector stack = new IValueVector(arguments);
    handle.callBoxed(stack);
    return new Tensor(stack.get(0).toTensor()); // the result itself goes with the stack
  }
}
