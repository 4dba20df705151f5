package io.irisoperator.evaluation.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatasetReaderTest {
  private static final String HEADER =
      "sepal_length,sepal_width,petal_length,petal_width,class,class_name\n";

  @TempDir Path folder;

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  @Test
  void readsCsv() throws Exception {
    Dataset data = DatasetReader.read(file("a.csv", HEADER + "5.1,3.5, 1.4 ,0.2,0,setosa\r\n"));
    assertThat(data.flowers()).containsExactly(new Flower(5.1, 3.5, 1.4, 0.2, 0));
    assertThat(data.digest()).matches("sha256:[0-9a-f]{64}");
  }

  @Test
  void readsJson() throws Exception {
    String json =
        """
        [{"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2,
          "class": 0, "class_name": "setosa"},
         {"sepal_length": 6, "sepal_width": 3, "petal_length": 5, "petal_width": 2, "class": 2}]
        """;
    assertThat(DatasetReader.read(file("a.json", json)).flowers())
        .containsExactly(new Flower(5.1, 3.5, 1.4, 0.2, 0), new Flower(6, 3, 5, 2, 2));
  }

  @Test
  void readsAnyFiniteNumberAndSkipsAByteOrderMark() throws Exception {
    Path file = file("a.csv", "\uFEFF" + HEADER + "5.1,3.5,1.4,-0.05,0,setosa\n");
    assertThat(DatasetReader.read(file).flowers())
        .containsExactly(new Flower(5.1, 3.5, 1.4, -0.05, 0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          5.1,3.5,1.4,0.2,0                | a.csv:3: 5 fields, the header has 6
          5.1,3.5,1.4,wide,0,setosa        | a.csv:3: petal_width must be a finite number of cm, not 'wide'
          5.1,3.5,1.4,NaN,0,setosa         | a.csv:3: petal_width must be a finite number of cm, not 'NaN'
          5.1,3.5,1.4,1e400,0,setosa       | a.csv:3: petal_width must be a finite number of cm, not '1e400'
          5.1,3.5,1.4,0.2,3,setosa         | a.csv:3: class must be 0, 1 or 2, not '3'
          5.1,3.5,1.4,0.2,0,rose           | a.csv:3: class_name must be one of [setosa, versicolor, virginica], not 'rose'
          5.1,3.5,1.4,0.2,1,setosa         | a.csv:3: class 1 is versicolor, class_name says setosa
          """)
  void namesFileAndLineOfAnInvalidCsvRow(String row, String message) throws Exception {
    Path file = file("a.csv", HEADER + "5.1,3.5,1.4,0.2,0,setosa\n" + row + "\n");
    assertThatThrownBy(() -> DatasetReader.read(file))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage(folder + "/" + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                                         | a.json:1: expected a JSON list of objects
          [5]                                        | a.json:1: row 0: expected an object
          [{"sepal_length": "5"}]                    | a.json:1: row 0: sepal_length must be a number, not "5"
          [{"sepal_length": 5}]                      | a.json:1: row 0: sepal_width is missing
          [{"length": 5}]                            | a.json:1: row 0: column 'length' is unknown; allowed: sepal_length, sepal_width, petal_length, petal_width, class, class_name
          [] []                                      | a.json:1: unexpected text after the list
          []                                         | a.json has no rows
          """)
  void namesFileAndRowOfAnInvalidJsonRow(String json, String message) throws Exception {
    Path file = file("a.json", json);
    assertThatThrownBy(() -> DatasetReader.read(file))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage(folder + "/" + message);
  }

  @Test
  void namesTheLineOfAJsonSyntaxError() throws Exception {
    Path file = file("a.json", "[\n{\"sepal_length\": 5,}\n]");
    assertThatThrownBy(() -> DatasetReader.read(file))
        .isInstanceOf(InvalidDataException.class)
        .hasMessageContaining("a.json:2: ");
  }

  @Test
  void namesAnInvalidHeaderOrFile() throws Exception {
    Path unknown = file("a.csv", "sepal_length,colour\n");
    assertThatThrownBy(() -> DatasetReader.read(unknown))
        .hasMessageContaining("a.csv:1: column 'colour' is unknown or duplicated");
    Path missing = file("b.csv", "sepal_length,sepal_width,petal_length,class\n1,1,1,0\n");
    assertThatThrownBy(() -> DatasetReader.read(missing))
        .hasMessageContaining("b.csv:2: petal_width is missing");
    assertThatThrownBy(() -> DatasetReader.read(folder.resolve("none.csv")))
        .hasMessageContaining("none.csv cannot be read");
  }
}
