/** The dependents that train a model. */
package io.irisoperator.operator.apply.training;
