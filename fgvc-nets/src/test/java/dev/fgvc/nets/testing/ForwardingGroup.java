package dev.fgvc.nets.testing;

import dev.fgvc.nets.engine.ProcessGroup;
import java.nio.ByteBuffer;

/** A group that leaves all to another one; tests override what they watch or break. */
public class ForwardingGroup implements ProcessGroup {

  private final ProcessGroup group;

  public ForwardingGroup(ProcessGroup group) {
    this.group = group;
  }

  @Override
  public final int rank() {
    return group.rank();
  }

  @Override
  public final int size() {
    return group.size();
  }

  @Override
  public long bucketBytes() {
    return group.bucketBytes();
  }

  @Override
  public void abort(String reason) {
    group.abort(reason);
  }

  @Override
  public void allToAll(ByteBuffer send, ByteBuffer receive) {
    group.allToAll(send, receive);
  }

  @Override
  public void allGather(ByteBuffer send, ByteBuffer receive) {
    group.allGather(send, receive);
  }

  @Override
  public void broadcast(ByteBuffer values) {
    group.broadcast(values);
  }
}
