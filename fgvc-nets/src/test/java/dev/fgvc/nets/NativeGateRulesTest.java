package dev.fgvc.nets;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMethodReference;
import com.tngtech.archunit.core.domain.JavaModifier;
import dev.fgvc.natives.NativeLibrary;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Keeps what native libraries throw from users, over the byte code of core and nets. */
class NativeGateRulesTest {

  private static final JavaClasses FGVC =
      ArchitectureRulesTest.FGVC.that(
          resideInAnyPackage("dev.fgvc.image..", "dev.fgvc.natives..", "dev.fgvc.nets.."));

  /** The gate itself. */
  private static final String GATE = "dev.fgvc.natives";

  /** Inside of the torch engine, where users do not come; its face is what has to call the gate. */
  private static final String ROOMS = "dev.fgvc.nets.engine.torch.";

  /** JavaCPP makes bare RuntimeExceptions, which nobody but {@link NativeLibrary} translates. */
  @Test
  void whatIsPublicReachesNativeLibrariesThroughTheirGateAlone() {
    Set<JavaCodeUnit> reaching = reachingNativeLibraries();
    assertThat(reaching).as("the rule sees the calls").hasSizeGreaterThan(100);
    assertThat(reaching)
        .filteredOn(unit -> unit.getModifiers().contains(JavaModifier.PUBLIC))
        .filteredOn(unit -> unit.getOwner().getModifiers().contains(JavaModifier.PUBLIC))
        .filteredOn(unit -> !unit.getOwner().getPackageName().equals(GATE))
        .filteredOn(unit -> !unit.getOwner().getPackageName().startsWith(ROOMS))
        .extracting(JavaCodeUnit::getFullName)
        .isEmpty();
  }

  /** All code that may get to a native library without a gate on its way. */
  private static Set<JavaCodeUnit> reachingNativeLibraries() {
    List<JavaCodeUnit> units = FGVC.stream().flatMap(type -> type.getCodeUnits().stream()).toList();
    Set<JavaCodeUnit> reaching = new HashSet<>();
    boolean more = true;
    while (more) {
      more = false;
      for (JavaCodeUnit unit : units) {
        boolean gate = unit.getAccessesFromSelf().stream().anyMatch(it -> isGate(it));
        more |=
            unit.getAccessesFromSelf().stream()
                    .filter(access -> !gate || !isHandedOver(access))
                    .anyMatch(access -> isNative(access) || isToOne(access, reaching))
                && reaching.add(unit);
      }
    }
    return reaching;
  }

  private static boolean isGate(JavaAccess<?> access) {
    return access.getTargetOwner().isEquivalentTo(NativeLibrary.class)
            && List.of("call", "run", "build").contains(access.getName())
        || access.getTargetOwner().getName().equals("dev.fgvc.image.OpenCv");
  }

  /** Code that a method gives to another one to run, in a method that calls a gate. */
  private static boolean isHandedOver(JavaAccess<?> access) {
    return access.isDeclaredInLambda() || access instanceof JavaMethodReference;
  }

  private static boolean isNative(JavaAccess<?> access) {
    String owner = access.getTargetOwner().getPackageName();
    return access instanceof JavaCall
        && (owner.startsWith("org.bytedeco") || owner.startsWith("org.nd4j"));
  }

  private static boolean isToOne(JavaAccess<?> access, Set<JavaCodeUnit> units) {
    return access.getTarget().resolveMember().filter(units::contains).isPresent();
  }
}
