// Package plugins replaces Prometheus's package of that name. It registers the one discovery that the Prometheus Operator configures;
// the others bring the SDKs of clouds, which take minutes to compile.
package plugins

import (
	// Register the discovery of targets in Kubernetes.
	_ "github.com/prometheus/prometheus/discovery/kubernetes"
)
