package io.irisoperator.operator.apply;

/**
 * What the operator runs.
 *
 * @param modelServer where an IrisModel names none of its own
 * @param trainer for training Jobs
 */
public record Images(String modelServer, String trainer) {}
