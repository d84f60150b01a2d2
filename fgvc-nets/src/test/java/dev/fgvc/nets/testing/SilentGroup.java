package dev.fgvc.nets.testing;

import dev.fgvc.nets.engine.ProcessGroup;
import java.nio.ByteBuffer;

/**
 * A group whose members exchange nothing, for tests that only need one.
 *
 * @param rank of this member
 * @param size of the group
 */
public record SilentGroup(int rank, int size) implements ProcessGroup {

  @Override
  public void abort(String reason) {}

  @Override
  public void allToAll(ByteBuffer send, ByteBuffer receive) {}

  @Override
  public void allGather(ByteBuffer send, ByteBuffer receive) {}

  @Override
  public void broadcast(ByteBuffer values) {}
}
