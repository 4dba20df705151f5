package io.irisoperator.mlflow;

/**
 * A data set that a run read.
 *
 * @param name such as {@code iris_train.csv}
 * @param digest at most 36 characters, MLflow's limit
 * @param sourceType MLflow's name of the kind of source, such as {@code local} or {@code http}
 * @param source a JSON object, for example {@code {"uri": "/data/iris_train.csv"}}
 * @param schema a JSON object, for example {@code {"mlflow_colspec": […]}}
 * @param profile a JSON object, for example {@code {"num_rows": 150}}
 * @param context the purpose, such as {@code training} or {@code testing}
 */
public record DatasetInput(
    String name,
    String digest,
    String sourceType,
    String source,
    String schema,
    String profile,
    String context) {}
