/**
 * What two of the programs agree on: environment variables, run tags, metrics, ports, headers and
 * results. Each name is written here once.
 */
package io.irisoperator.contract;
