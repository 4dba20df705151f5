/** The conditions of an IrisModel, one evaluator each. */
package io.irisoperator.operator.decide.conditions;
