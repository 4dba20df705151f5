/** The dependents that serve a model, one a file. */
package io.irisoperator.operator.apply.serving;
