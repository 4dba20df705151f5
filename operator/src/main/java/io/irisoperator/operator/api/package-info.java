/** The resource IrisModel, version v1alpha1, one record a file. */
package io.irisoperator.operator.api;
