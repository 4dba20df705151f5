package io.irisoperator.operator.decide;

import io.irisoperator.operator.api.Reason;

/** What a condition is to say. */
record Verdict(boolean value, Reason reason, String message) {}
