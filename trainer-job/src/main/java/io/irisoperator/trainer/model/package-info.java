/** The MLflow model folder that the trainer logs. */
package io.irisoperator.trainer.model;
