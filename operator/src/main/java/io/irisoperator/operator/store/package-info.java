/** The verified models in the cluster, so that pods start without MLflow. */
package io.irisoperator.operator.store;
