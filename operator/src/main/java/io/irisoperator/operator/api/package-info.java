/** The IrisModel resource. */
package io.irisoperator.operator.api;
