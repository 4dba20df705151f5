/** How informers read the cluster. */
package io.irisoperator.operator.informer;
