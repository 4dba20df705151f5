/** Benchmarks that run in one process. */
package io.irisoperator.bench;
