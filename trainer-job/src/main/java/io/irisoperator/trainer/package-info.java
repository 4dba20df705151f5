/** The training program: data in, a finished MLflow run out. */
package io.irisoperator.trainer;
