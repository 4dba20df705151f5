// Writes the CRDs that the Prometheus Operator needs to keep a Prometheus, without their descriptions: with them
// `kubectl apply` refuses the largest, as it keeps a copy of it in an annotation of at most 256 KiB.
// Usage: go run ./strip-crds FOLDER-OF-PROMETHEUS-OPERATOR-CRDS TARGET-FOLDER
package main

import (
	"log"
	"os"
	"path/filepath"

	"sigs.k8s.io/yaml"
)

func main() {
	source, target := os.Args[1], os.Args[2]
	for _, name := range []string{"podmonitors", "probes", "prometheuses", "prometheusrules", "servicemonitors"} {
		file := "monitoring.coreos.com_" + name + ".yaml"
		text, err := os.ReadFile(filepath.Join(source, file))
		check(err)
		var crd map[string]any
		check(yaml.Unmarshal(text, &crd))
		strip(crd)
		text, err = yaml.Marshal(crd)
		check(err)
		check(os.WriteFile(filepath.Join(target, file), text, 0o644))
	}
}

// strip removes descriptions, but not properties of that name.
func strip(node any) {
	switch node := node.(type) {
	case map[string]any:
		if _, isText := node["description"].(string); isText {
			delete(node, "description")
		}
		for _, child := range node {
			strip(child)
		}
	case []any:
		for _, child := range node {
			strip(child)
		}
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
