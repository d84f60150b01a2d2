package dev.fgvc.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class RandomCasesTest {

  @Test
  void drawsAsManyDifferentCasesAsAsked() {
    Set<Long> drawn = new HashSet<>();
    RandomCases.check(50, random -> drawn.add(random.nextLong()));
    assertThat(drawn).hasSize(50);
  }

  @Test
  void theSeedInTheMessageDrawsTheFailedCaseAgain() {
    List<Integer> drawn = new ArrayList<>();
    RandomCases.Property failing =
        random -> {
          drawn.add(random.nextInt());
          assertThat(drawn).hasSizeLessThan(7);
        };

    assertThatThrownBy(() -> RandomCases.check(20, failing))
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("case 7 of 20 fails")
        .satisfies(
            error -> {
              Matcher seed =
                  Pattern.compile("-Dfgvc\\.case\\.seed=(-?\\d+)").matcher(error.getMessage());
              assertThat(seed.find()).isTrue();
              assertThat(new Random(Long.parseLong(seed.group(1))).nextInt())
                  .isEqualTo(drawn.get(6));
            });
  }

  @Test
  void numbersReachBothLimitsAndAllBetween() {
    Random random = new Random(1);
    Set<Integer> drawn = new HashSet<>();
    int limits = 0;
    for (int i = 0; i < 10_000; i++) {
      int number = RandomCases.between(random, -3, 30);
      drawn.add(number);
      limits += number == -3 || number == 30 ? 1 : 0;
    }
    assertThat(drawn).hasSize(34);
    assertThat(drawn).allMatch(number -> number >= -3 && number <= 30);
    assertThat(limits).isBetween(2_000, 3_000);
  }
}
