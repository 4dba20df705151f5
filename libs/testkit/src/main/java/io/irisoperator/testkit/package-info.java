/** Test code that more than one module uses. */
package io.irisoperator.testkit;
