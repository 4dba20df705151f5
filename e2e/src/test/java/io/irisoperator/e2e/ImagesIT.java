package io.irisoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A user inspects the contents of the images before installing them. */
@ExtendWith(StackExtension.class)
class ImagesIT {
  private static final JsonMapper JSON = new JsonMapper();
  private static final long MAX_BYTES = 200L << 20;

  @TempDir private static Path unpacked;

  @BeforeAll
  static void unpack(Stack stack) throws Exception {
    String folder = stack.commands.run(Stack.ROOT + "/dev/images/build-images", "--folder").strip();
    for (String program : List.of("model-server", "operator", "trainer-job")) {
      Path archive = Files.createDirectories(unpacked.resolve(program + "-archive"));
      Path root = Files.createDirectories(unpacked.resolve(program));
      stack.commands.run("tar", "-xf", folder + "/" + program + ".tar", "-C", archive.toString());
      for (String layer : layers(program)) {
        stack.commands.run("tar", "-xf", archive.resolve(layer).toString(), "-C", root.toString());
      }
    }
  }

  private static List<String> layers(String program) throws IOException {
    Path manifest = unpacked.resolve(program + "-archive").resolve("manifest.json");
    return texts(JSON.readTree(manifest.toFile()).path(0).path("Layers"));
  }

  private static List<String> texts(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).map(JsonNode::asText).toList();
  }

  private static JsonNode sbom(String program, String name) throws IOException {
    JsonNode sbom =
        JSON.readTree(unpacked.resolve(program).resolve("sbom/" + name + ".cdx.json").toFile());
    assertThat(sbom.path("bomFormat").asText()).isEqualTo("CycloneDX");
    return sbom.path("components");
  }

  @ParameterizedTest
  @CsvSource({
    "model-server,iris-model-server",
    "operator,iris-operator",
    "trainer-job,iris-trainer"
  })
  void theBillOfMaterialsListsEveryJarWithItsDigest(String program, String image) throws Exception {
    Map<String, String> listed = new TreeMap<>();
    for (JsonNode component : sbom(program, image)) {
      for (JsonNode hash : component.path("hashes")) {
        if (hash.path("alg").asText().equals("SHA-256")) {
          listed.put(hash.path("content").asText(), component.path("purl").asText());
        }
      }
    }
    try (Stream<Path> jars = Files.list(unpacked.resolve(program).resolve("app/libs"))) {
      List<Path> thirdParty =
          jars.filter(jar -> !jar.getFileName().toString().endsWith("-0.1.0.jar")).toList();
      assertThat(thirdParty).hasSizeGreaterThan(10);
      for (Path jar : thirdParty) {
        assertThat(listed).as(jar.toString()).containsKey(Digests.sha256(Files.readAllBytes(jar)));
      }
    }
    assertThat(listed.values()).anyMatch(purl -> purl.contains("/logback-classic@"));
  }

  @ParameterizedTest
  @CsvSource({"model-server", "operator", "trainer-job"})
  void theBillOfMaterialsListsTheDebianPackagesAndTheJavaRuntime(String program) throws Exception {
    List<String> names =
        StreamSupport.stream(sbom(program, "base").spliterator(), false)
            .map(component -> component.path("purl").asText())
            .toList();
    try (Stream<Path> records =
        Files.list(unpacked.resolve(program).resolve("var/lib/dpkg/status.d"))) {
      for (Path record : records.toList()) {
        assertThat(names)
            .anyMatch(purl -> purl.startsWith("pkg:deb/debian/" + record.getFileName() + "@"));
      }
    }
    assertThat(names)
        .anyMatch(purl -> purl.startsWith("pkg:deb/debian/libc6@"))
        .anyMatch(purl -> purl.startsWith("pkg:generic/java-runtime@25"));
  }

  @Test
  void theImagesShareTheirBaseLayerAndAreSmall() throws Exception {
    String base = layers("model-server").getFirst();
    for (String program : List.of("model-server", "operator", "trainer-job")) {
      assertThat(layers(program).getFirst()).isEqualTo(base);
      try (Stream<Path> files = Files.walk(unpacked.resolve(program))) {
        assertThat(
                files
                    .filter(file -> Files.isRegularFile(file) && !Files.isSymbolicLink(file))
                    .mapToLong(file -> file.toFile().length())
                    .sum())
            .as(program)
            .isLessThan(MAX_BYTES);
      }
    }
  }

  /** An intruder finds no tools. */
  @Test
  void theModelServersImageHasNoShellNoInterpreterAndNoOpenSsl() throws Exception {
    try (Stream<Path> files = Files.walk(unpacked.resolve("model-server"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.matches("(ba|da)?sh|python[0-9.]*|perl[0-9.]*|busybox|openssl"));
    }
  }
}
