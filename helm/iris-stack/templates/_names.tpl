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

{{- define "iris.image" -}}
{{ .repository }}:{{ .tag }}
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
