package io.irisoperator.testkit;

import io.irisoperator.config.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The page that documents the settings of all programs, with one table below each heading. */
public record SettingsPage(Path path) {

  /** Compares the table below a heading with settings, or writes it. */
  public void assertTable(String heading, List<Setting> settings) throws IOException {
    String page = Files.readString(path);
    Matcher table =
        Pattern.compile("(?m)^## " + Pattern.quote(heading) + "\n+((?:\\|.*\n)*)").matcher(page);
    if (!table.find()) {
      throw new AssertionError(path + " has no heading '## " + heading + "'");
    }
    new GoldenFile(path)
        .assertContent(
            page.substring(0, table.start(1))
                + Setting.table(settings)
                + page.substring(table.end(1)));
  }
}
