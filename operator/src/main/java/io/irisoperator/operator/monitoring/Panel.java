package io.irisoperator.operator.monitoring;

import java.util.List;
import java.util.OptionalDouble;

/**
 * A panel.
 *
 * @param unit a unit of Grafana, such as {@code reqps}
 * @param bad the threshold of values shown in red, if any
 * @param badAbove whether values above the threshold are bad, not those below
 */
record Panel(
    String title,
    String description,
    Kind kind,
    String unit,
    OptionalDouble bad,
    boolean badAbove,
    List<Query> queries) {

  enum Kind {
    TIME_SERIES("timeseries"),
    STAT("stat"),
    TABLE("table");

    final String type;

    Kind(String type) {
      this.type = type;
    }
  }

  /** One line for each value of the labels in its legend. */
  record Query(String expression, String legend) {}

  static Panel series(String title, String description, String unit, Query... queries) {
    return new Panel(
        title, description, Kind.TIME_SERIES, unit, OptionalDouble.empty(), true, List.of(queries));
  }

  static Panel stat(String title, String description, String unit, Query... queries) {
    return new Panel(
        title, description, Kind.STAT, unit, OptionalDouble.empty(), true, List.of(queries));
  }

  static Panel table(String title, String description, Query... queries) {
    return new Panel(
        title, description, Kind.TABLE, "none", OptionalDouble.empty(), true, List.of(queries));
  }

  Panel badFrom(double value) {
    return new Panel(title, description, kind, unit, OptionalDouble.of(value), true, queries);
  }

  Panel badBelow(double value) {
    return new Panel(title, description, kind, unit, OptionalDouble.of(value), false, queries);
  }
}
