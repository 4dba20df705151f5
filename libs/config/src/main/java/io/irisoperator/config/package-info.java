/** What the three programs share as processes. */
package io.irisoperator.config;
