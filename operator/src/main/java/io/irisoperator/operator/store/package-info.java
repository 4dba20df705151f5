/** The verified models that are kept in the cluster, so that pods start without MLflow. */
package io.irisoperator.operator.store;
