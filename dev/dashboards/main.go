// Command dashboards validates Grafana dashboards by the types that Grafana generates from its schema: it rejects fields that
// do not exist, and values that are not allowed.
// Usage: go run . FILE... (a dashboard in JSON, or a ConfigMap in YAML that has dashboards)
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"sigs.k8s.io/yaml"
)

func main() {
	plugins.RegisterDefaultPlugins()
	invalid := false
	for _, file := range os.Args[1:] {
		if err := validate(file); err != nil {
			fmt.Fprintf(os.Stderr, "dashboards: %s: %v\n", file, err)
			invalid = true
		}
	}
	if invalid {
		os.Exit(1)
	}
}

func validate(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var configMap struct{ Data map[string]string }
	if err := yaml.Unmarshal(text, &configMap); err != nil {
		return err
	}
	if configMap.Data == nil {
		return validateDashboard(text)
	}
	for _, key := range slices.Sorted(maps.Keys(configMap.Data)) {
		if err := validateDashboard([]byte(configMap.Data[key])); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	return nil
}

func validateDashboard(text []byte) error {
	// The strict parser reports a valid dashboard, and each of its panels, by an empty list of errors, and drops the panel. So it
	// is only asked for errors.
	var errs cog.BuildErrors
	if err := new(dashboard.Dashboard).UnmarshalJSONStrict(text); err != nil && (!errors.As(err, &errs) || len(errs) > 0) {
		return err
	}
	var parsed dashboard.Dashboard
	if err := json.Unmarshal(text, &parsed); err != nil {
		return err
	}
	for i, panel := range parsed.Panels {
		if panel.Panel == nil {
			continue
		}
		if _, exists := cog.ConfigForPanelcfgVariant(panel.Panel.Type); !exists {
			return fmt.Errorf("panels[%d]: Grafana has no panel of type '%s'", i, panel.Panel.Type)
		}
	}
	return parsed.Validate()
}
