package dev.fgvc.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The layouts of the competitions after 2017, a few files each. */
class INaturalistTest {

  private static final String ANT =
      "\"kingdom\": \"Animalia\", \"phylum\": \"Arthropoda\", \"class\": \"Insecta\","
          + " \"order\": \"Hymenoptera\", \"family\": \"Formicidae\", \"genus\": \"Formica\"";
  private static final String WREN =
      "\"kingdom\": \"Animalia\", \"phylum\": \"Chordata\", \"class\": \"Aves\","
          + " \"order\": \"Passeriformes\", \"family\": \"Troglodytidae\","
          + " \"genus\": \"Troglodytes\"";

  @TempDir Path folder;

  private static String json(String categories, String... images) {
    StringBuilder files = new StringBuilder();
    StringBuilder annotations = new StringBuilder();
    for (int i = 0; i < images.length; i++) {
      String[] parts = images[i].split(" ");
      String comma = i == 0 ? "" : ", ";
      files.append(comma).append("{\"id\": " + i + ", \"file_name\": \"" + parts[0] + "\"}");
      annotations
          .append(comma)
          .append("{\"id\": 1, \"image_id\": " + i + ", \"category_id\": " + parts[1] + "}");
    }
    return "{\"images\": ["
        + files
        + "], \"categories\": ["
        + categories
        + "], \"annotations\": ["
        + annotations
        + "], \"licenses\": []}";
  }

  private static String category(int id, String name, String superCategory, String ranks) {
    return "{\"id\": "
        + id
        + ", \"name\": \""
        + name
        + "\", \"supercategory\": \""
        + superCategory
        + "\""
        + (ranks.isEmpty() ? "" : ", " + ranks)
        + ", \"specific_epithet\": null}";
  }

  private Miniature year2021() {
    String categories =
        category(1, "Troglodytes aedon", "Birds", WREN)
            + ", "
            + category(0, "Formica rufa", "Insects", ANT);
    return new Miniature(folder)
        .photos("train/00000_a/x.jpg", "train/00001_w/y.jpg", "train/00001_w/z.jpg")
        .photos("train_mini/00000_a/x.jpg", "train_mini/00001_w/y.jpg", "val/00001_w/v.jpg")
        .write(
            "train.json",
            json(
                categories,
                "train/00000_a/x.jpg 0",
                "train/00001_w/y.jpg 1",
                "train/00001_w/z.jpg 1"))
        .write(
            "train_mini.json",
            json(categories, "train_mini/00000_a/x.jpg 0", "train_mini/00001_w/y.jpg 1"))
        .write("val.json", json(categories, "val/00001_w/v.jpg 1"));
  }

  @Test
  void readsTheFullPartAndTheMiniPartOf2021WithTheirTaxonomy() throws Exception {
    year2021();
    DatasetSplits full = INaturalist.YEAR_2021.read(folder);
    assertThat(full.train().classNames()).containsExactly("Formica rufa", "Troglodytes aedon");
    assertThat(full.train().imageCounts()).containsExactly(1, 2);
    assertThat(full.validation().imageCounts()).containsExactly(0, 1);
    assertThat(full.train().superCategories()).containsExactly("Insects", "Birds");
    Taxonomy taxonomy = full.train().taxonomy().orElseThrow();
    assertThat(taxonomy.ranks())
        .containsExactly("kingdom", "phylum", "class", "order", "family", "genus", "species");
    assertThat(taxonomy.lineage(1))
        .containsExactly(
            "Animalia",
            "Chordata",
            "Aves",
            "Passeriformes",
            "Troglodytidae",
            "Troglodytes",
            "Troglodytes aedon");
    assertThat(full.validation().taxonomy()).contains(taxonomy);

    DatasetSplits mini = INaturalist.YEAR_2021_MINI.read(folder);
    assertThat(mini.train().imageCounts()).containsExactly(1, 1);
    assertThat(mini.validation().size()).isEqualTo(1);
    assertThat(mini.name()).isEqualTo("iNaturalist 2021 mini");
  }

  /** Two classes whose names the lists hide, without the file that tells them. */
  static Miniature year2018(Path folder) {
    String hidden = category(10, "10", "Insecta", "") + ", " + category(20, "20", "Aves", "");
    return new Miniature(folder)
        .photos("train_val2018/Insecta/10/a.jpg", "train_val2018/Aves/20/b.jpg")
        .photos("train_val2018/Aves/20/c.jpg")
        .write(
            "train2018.json",
            json(hidden, "train_val2018/Insecta/10/a.jpg 10", "train_val2018/Aves/20/b.jpg 20"))
        .write("val2018.json", json(hidden, "train_val2018/Aves/20/c.jpg 20"));
  }

  /** The names and ranks of the classes of {@link #year2018}, among others. */
  static String categoriesOf2018() {
    return "["
        + category(20, "Troglodytes aedon", "Aves", WREN)
        + ", "
        + category(15, "no class of the competition", "Aves", WREN)
        + ", "
        + category(10, "Formica rufa", "Insecta", ANT)
        + "]";
  }

  @Test
  void takesNamesAndTaxonomyOf2018FromTheCategoriesBesideIt() throws Exception {
    Miniature root = year2018(folder);
    DatasetSplits plain = INaturalist.YEAR_2018.read(folder);
    assertThat(plain.train().classNames()).containsExactly("10", "20");
    assertThat(plain.train().taxonomy()).isEmpty();

    root.write("categories.json", categoriesOf2018());
    DatasetSplits named = INaturalist.YEAR_2018.read(folder);
    assertThat(named.train().classNames()).containsExactly("Formica rufa", "Troglodytes aedon");
    assertThat(named.train().taxonomy().orElseThrow().lineage(0)).contains("Formicidae");
    assertThat(named.validation().labels()).containsExactly(1);
  }

  @Test
  void refusesFilesThatContradictEachOther() {
    Miniature root = year2021();
    root.write("categories.json", "[" + category(0, "Formica rufa", "Insects", ANT) + "]");
    assertThatThrownBy(() -> INaturalist.YEAR_2021.read(folder))
        .isInstanceOf(DatasetFormatException.class)
        .hasMessageContaining("categories.json: expected all categories of ")
        .hasMessageContaining("found no 1");
    root.write("categories.json", "[" + category(0, "Formica rufa", "Insects", ANT) + "] 7");
    assertThatThrownBy(() -> INaturalist.YEAR_2021.read(folder))
        .isInstanceOf(DatasetFormatException.class);
    new Miniature(folder.resolve("other"));
    Miniature second = new Miniature(folder.resolve("second"));
    second
        .photos("train/a.jpg", "val/b.jpg")
        .write("train.json", json(category(0, "a", "x", ""), "train/a.jpg 0"))
        .write("val.json", json(category(3, "a", "x", ""), "val/b.jpg 3"));
    assertThatThrownBy(() -> INaturalist.YEAR_2021.read(second.root()))
        .isInstanceOf(DatasetFormatException.class)
        .hasMessageContaining("val.json: expected the categories of train.json");
    assertThatThrownBy(() -> INaturalist.YEAR_2019.read(folder))
        .isInstanceOf(DatasetFormatException.class)
        .hasMessageContaining("train2019.json");
  }

  @Test
  void sizesAreThosePublished() {
    assertThat(INaturalist.YEAR_2018.sizes())
        .isEqualTo(new OfficialDataset.Sizes(8142, 437_513, 24_426));
    assertThat(INaturalist.YEAR_2021_MINI.sizes().train()).isEqualTo(50 * 10_000);
    assertThat(List.of(INaturalist.values())).hasSize(4);
  }
}
