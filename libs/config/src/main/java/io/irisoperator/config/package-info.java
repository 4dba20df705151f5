/** Settings from the environment, and logging. */
package io.irisoperator.config;
