/** MLflow tells that an alias has moved, so that it need not be asked. */
package io.irisoperator.operator.webhook;
