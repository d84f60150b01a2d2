package dev.fgvc.nets.cluster.c10d;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.ProcessGroupException;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Backend;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The end of a group whose backend refuses to end. */
class GroupConnectionsTest {

  @BeforeAll
  static void loadLibtorch() {
    Engine.torch();
  }

  private static GroupConnections refusingToEnd() {
    return new GroupConnections(
        new Backend((Pointer) null),
        new GroupConnections.Closing() {
          @Override
          public void afterFailure(Backend backend) {
            throw new IllegalStateException("not aborted");
          }

          @Override
          public void beforeLeaving(Backend backend) {
            throw new IllegalStateException("not shut down");
          }
        });
  }

  @Test
  void aFailedAbortDoesNotHideWhyTheGroupEnds() {
    GroupConnections connections = refusingToEnd();

    assertThat(connections.fail("rank 1 lacks memory"))
        .hasValueSatisfying(failure -> assertThat(failure).hasMessage("not aborted"));
    assertThat(connections.fail("another reason")).isEmpty();

    assertThatExceptionOfType(ProcessGroupException.class)
        .isThrownBy(connections::requireGoingOn)
        .withMessage("rank 1 lacks memory");
  }

  @Test
  void leavingTellsWhatFails() {
    GroupConnections connections = refusingToEnd();

    assertThatIllegalStateException()
        .isThrownBy(() -> connections.leave("left"))
        .withMessage("not shut down");
    assertThat(connections.haveEnded()).isTrue();
  }
}
