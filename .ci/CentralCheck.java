import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * Checks a staged repository for what Maven Central requires of a deployment, and for what this project promises of its
 * jars: {@code java CentralCheck.java FOLDER [--release]}. Signatures are left to whoever releases. With {@code
 * --release}, placeholders in the POM files are errors, too.
 */
class CentralCheck {

  private static final Set<String> MODULES =
      Set.of("fgvc-bom", "fgvc", "fgvc-core", "fgvc-emd", "fgvc-nets");

  private final Path root;
  private final boolean release;
  private final List<String> faults = new ArrayList<>();
  private final Set<String> modules = new TreeSet<>();

  private CentralCheck(Path root, boolean release) {
    this.root = root;
    this.release = release;
  }

  public static void main(String[] args) throws Exception {
    var check = new CentralCheck(Path.of(args[0]), List.of(args).contains("--release"));
    check.run();
    check.faults.forEach(System.out::println);
    if (!check.faults.isEmpty()) {
      System.exit(1);
    }
    System.out.println("Central's requirements hold for " + check.modules + ", but for signatures");
  }

  private void run() throws Exception {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(root)) {
      files = walk.filter(Files::isRegularFile).sorted().toList();
    }
    for (Path file : files) {
      String name = file.getFileName().toString();
      if (name.matches(".*\\.(md5|sha1|sha256|sha512)")) {
        continue;
      }
      checksum(file, "MD5", ".md5");
      checksum(file, "SHA-1", ".sha1");
      if (name.endsWith(".pom")) {
        pom(file);
      }
      if (name.endsWith(".jar")) {
        jar(file);
      }
    }
    require(modules.equals(MODULES), root, "holds the modules " + MODULES + ", not " + modules);
  }

  private void pom(Path file) throws Exception {
    Element pom = parse(file);
    String artifact = text(pom, "artifactId").orElse("?");
    modules.add(artifact);
    String version = inherited(pom, "version").orElse("");
    require(version.matches("[0-9][^$]*") && !version.contains("SNAPSHOT"), file, "has a release's version");
    for (String element : List.of("name", "description")) {
      require(text(pom, element).isPresent(), file, "has a " + element + " of its own");
    }
    for (String element : List.of("url", "licenses/license/name", "licenses/license/url",
        "developers/developer/name", "scm/connection", "scm/developerConnection", "scm/url")) {
      require(inherited(pom, element).isPresent(), file, "has " + element);
      if (release) {
        require(!inherited(pom, element).orElse("").contains("OWNER"), file, "has its own " + element + ", not OWNER's");
      }
    }
    require(child(pom, "repositories").isEmpty() && child(pom, "pluginRepositories").isEmpty(), file,
        "names no repository");
    require(!Files.readString(file).contains("-SNAPSHOT<"), file, "depends on no snapshot");
    if (!text(pom, "packaging").orElse("jar").equals("pom")) {
      for (String kind : List.of(".jar", "-sources.jar", "-javadoc.jar", "-cyclonedx.json")) {
        Path sibling = file.resolveSibling(artifact + "-" + version + kind);
        require(Files.exists(sibling) && Files.size(sibling) > 1000, file, "comes with " + sibling.getFileName());
      }
    }
  }

  private void jar(Path file) throws IOException {
    try (var jar = new JarFile(file.toFile())) {
      for (String entry : List.of("META-INF/LICENSE", "META-INF/NOTICE")) {
        require(jar.getEntry(entry) != null, file, "holds " + entry);
      }
      String name = file.getFileName().toString();
      if (!name.matches(".*-(sources|javadoc)\\.jar")) {
        require(jar.getManifest().getMainAttributes().getValue("Automatic-Module-Name") != null, file,
            "has an automatic module name");
        require(jar.stream().noneMatch(e -> e.getName().endsWith("module-info.class")), file, "is no explicit module");
      }
      require(jar.stream().count() > 5, file, "is not empty");
    }
  }

  private void checksum(Path file, String algorithm, String suffix) throws IOException, GeneralSecurityException {
    Path sum = Path.of(file + suffix);
    byte[] digest = MessageDigest.getInstance(algorithm).digest(Files.readAllBytes(file));
    String expected = String.format("%0" + 2 * digest.length + "x", new BigInteger(1, digest));
    require(Files.exists(sum) && Files.readString(sum).strip().equals(expected), file, "has a right " + suffix);
  }

  /** An element of a POM, or of its nearest parent in the repository that has it. */
  private Optional<String> inherited(Element pom, String path) throws Exception {
    Optional<String> own = text(pom, path);
    Optional<Element> parent = child(pom, "parent");
    if (own.isPresent() || parent.isEmpty()) {
      return own;
    }
    String artifact = text(parent.get(), "artifactId").orElseThrow();
    String version = text(parent.get(), "version").orElseThrow();
    Path file = root.resolve(text(parent.get(), "groupId").orElseThrow().replace('.', '/'))
        .resolve(artifact).resolve(version).resolve(artifact + "-" + version + ".pom");
    require(Files.exists(file), file, "is there for those that inherit from it");
    return Files.exists(file) ? inherited(parse(file), path) : Optional.empty();
  }

  private static Element parse(Path file) throws Exception {
    return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile()).getDocumentElement();
  }

  private static Optional<String> text(Element parent, String path) {
    Optional<Element> at = Optional.of(parent);
    for (String name : path.split("/")) {
      at = at.flatMap(element -> child(element, name));
    }
    return at.map(Element::getTextContent).map(String::strip).filter(text -> !text.isEmpty());
  }

  private static Optional<Element> child(Element parent, String name) {
    for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element element && element.getTagName().equals(name)) {
        return Optional.of(element);
      }
    }
    return Optional.empty();
  }

  private void require(boolean holds, Path file, String requirement) {
    if (!holds) {
      faults.add(root.relativize(file) + ": Central or this project requires that it " + requirement);
    }
  }
}
