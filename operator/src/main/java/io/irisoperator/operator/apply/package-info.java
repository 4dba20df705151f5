/** Making it so: one dependent resource a file. */
package io.irisoperator.operator.apply;
