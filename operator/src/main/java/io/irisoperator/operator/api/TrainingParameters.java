package io.irisoperator.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.irisoperator.contract.TrainingDefaults;

/** The hyperparameters of the random forest, with scikit-learn's names. */
public record TrainingParameters(
    @Min(1)
        @Max(TrainingDefaults.MAX_N_ESTIMATORS)
        @JsonPropertyDescription(
            "The number of trees. Defaults to " + TrainingDefaults.N_ESTIMATORS + ".")
        Integer nEstimators,
    @Min(1)
        @Max(TrainingDefaults.MAX_MAX_DEPTH)
        @JsonPropertyDescription(
            "The maximum depth of a tree. Defaults to " + TrainingDefaults.MAX_DEPTH + ".")
        Integer maxDepth,
    @Min(2)
        @JsonPropertyDescription(
            "The minimum number of rows that a node needs to be split. Defaults to "
                + TrainingDefaults.MIN_SAMPLES_SPLIT
                + ".")
        Integer minSamplesSplit,
    @Min(1)
        @JsonPropertyDescription(
            "The minimum number of rows in a leaf. Defaults to "
                + TrainingDefaults.MIN_SAMPLES_LEAF
                + ".")
        Integer minSamplesLeaf,
    @JsonPropertyDescription("The seed. Defaults to " + TrainingDefaults.RANDOM_STATE + ".")
        Integer randomState) {}
