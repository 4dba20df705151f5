{{- /* Labels of a component: include "iris.labels" (list . "mlflow") */ -}}
{{- define "iris.labels" -}}
{{- $root := index . 0 -}}
{{ include "iris.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: iris-operator
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ $root.Chart.Name }}-{{ $root.Chart.Version }}
{{- end -}}

{{- define "iris.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ index . 1 }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
{{- end -}}

{{- /* Labels of a pod, without the versions, which would restart it at each upgrade of the chart. */ -}}
{{- define "iris.podLabels" -}}
{{ include "iris.selector" . }}
app.kubernetes.io/part-of: iris-operator
{{- end -}}

{{- /* Labels of a ServiceMonitor or PrometheusRule: those that a Prometheus selects, and ours. */ -}}
{{- define "iris.monitoringLabels" -}}
{{- $root := index . 0 -}}
{{- mergeOverwrite (dict) $root.Values.prometheus.labels (include "iris.labels" . | fromYaml) | toYaml -}}
{{- end -}}

{{- /* An image by digest, or by tag: include "iris.image" (list . .Values.mlflow.image) */ -}}
{{- define "iris.image" -}}
{{- $root := index . 0 -}}
{{- $image := index . 1 -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ $image.tag | default $root.Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- /* A watched namespace: that of the release if it is watched. */ -}}
{{- define "iris.modelNamespace" -}}
{{- $watched := .Values.operator.watchNamespaces -}}
{{- if or (not $watched) (has .Release.Namespace $watched) }}{{ .Release.Namespace }}{{ else }}{{ first $watched }}{{ end -}}
{{- end -}}

{{- /* The watched namespaces and that of the release, as JSON. */ -}}
{{- define "iris.namespaces" -}}
{{- append .Values.operator.watchNamespaces .Release.Namespace | uniq | toJson -}}
{{- end -}}

{{- define "iris.imagePullSecrets" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "iris.trackingUri" -}}
{{- if .Values.operator.trackingUri -}}
{{ .Values.operator.trackingUri }}
{{- else if .Values.mlflow.enabled -}}
http://mlflow.{{ .Release.Namespace }}:5000
{{- else -}}
{{ fail "set operator.trackingUri, as mlflow.enabled is false" }}
{{- end -}}
{{- end -}}

{{- define "iris.credentialsSecret" -}}
{{- if .Values.operator.credentialsSecret -}}
{{ .Values.operator.credentialsSecret }}
{{- else if and .Values.mlflow.enabled .Values.mlflow.auth.enabled (not .Values.operator.trackingUri) -}}
{{ .Values.mlflow.auth.secret }}
{{- end -}}
{{- end -}}

{{- /* "true" if ServiceMonitors and PrometheusRules can be created. */ -}}
{{- define "iris.hasPrometheusOperator" -}}
{{- if or .Values.prometheus.operator.enabled (.Capabilities.APIVersions.Has "monitoring.coreos.com/v1/ServiceMonitor") -}}
true
{{- end -}}
{{- end -}}

{{- define "iris.restrictedPod" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "iris.restrictedContainer" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{- /*
Roles and their bindings, in each watched namespace (and that of the release, if requested), or in the whole cluster:
include "iris.grant" (dict "root" . "name" "prometheus" "rules" $rules "own" true)
*/ -}}
{{- define "iris.grant" -}}
{{- $root := .root -}}
{{- $labels := include "iris.labels" (list $root .name) -}}
{{- $subjects := list (dict "kind" "ServiceAccount" "name" .name "namespace" $root.Release.Namespace) -}}
{{- $namespaces := $root.Values.operator.watchNamespaces -}}
{{- if $namespaces -}}
{{- if .own }}{{ $namespaces = include "iris.namespaces" $root | fromJsonArray }}{{ end -}}
{{- $name := .name -}}
{{- /* Several operators may watch the same namespace. */ -}}
{{- if $root.Values.operator.watchSelector }}{{ $name = printf "%s-%s" .name $root.Release.Namespace }}{{ end -}}
{{- range $namespaces }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ $name }}
  namespace: {{ . }}
  labels: {{- $labels | nindent 4 }}
rules: {{- $.rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ $name }}
  namespace: {{ . }}
  labels: {{- $labels | nindent 4 }}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{ $name }}}
subjects: {{- toYaml $subjects | nindent 2 }}
{{- end }}
{{- else }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{ .name }}-{{ $root.Release.Namespace }}
  labels: {{- $labels | nindent 4 }}
rules: {{- .rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: {{ .name }}-{{ $root.Release.Namespace }}
  labels: {{- $labels | nindent 4 }}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {{ .name }}-{{ $root.Release.Namespace }}}
subjects: {{- toYaml $subjects | nindent 2 }}
{{- end }}
{{- end -}}
