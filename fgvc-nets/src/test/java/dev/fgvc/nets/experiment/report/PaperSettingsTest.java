package dev.fgvc.nets.experiment.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fgvc.nets.train.Recipe;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PaperSettingsTest {

  @Test
  void bfloat16ChangesHowEachRecipeComputesAndNothingElse() {
    PaperSettings full = PaperSettings.fieldGuide();
    PaperSettings rounded = full.withBfloat16();

    assertThat(recipes(full)).noneMatch(recipe -> recipe.options().bfloat16());
    assertThat(recipes(rounded)).allMatch(recipe -> recipe.options().bfloat16());
    assertThat(rounded)
        .usingRecursiveComparison()
        .ignoringFieldsMatchingRegexes("plan\\.(preTraining|secondStage|fineTuning)\\.options")
        .isEqualTo(full);
  }

  @Test
  void otherSeedsChangeNothingElse() {
    PaperSettings guide = PaperSettings.fieldGuide();
    PaperSettings other = guide.withSeeds(List.of(4L));

    assertThat(other.seeds()).containsExactly(4L);
    assertThat(other).usingRecursiveComparison().ignoringFields("seeds").isEqualTo(guide);
    assertThatThrownBy(() -> guide.withSeeds(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("seeds []");
  }

  private static List<Recipe> recipes(PaperSettings settings) {
    return Stream.of(
            settings.plan().preTraining(),
            settings.plan().secondStage(),
            settings.plan().fineTuning())
        .toList();
  }
}
