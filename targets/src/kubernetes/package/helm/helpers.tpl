{{- /* Written by `ranform render`; change the intents, not this file. */ -}}
{{- define "ranform.image" -}}
{{- $image := index (index . 0).Values.images (index . 1) -}}
{{- with (index . 0).Values.registry -}}
{{- regexReplaceAll "^[^/]+/" $image (printf "%s/" .) -}}
{{- else -}}
{{- $image -}}
{{- end -}}
{{- end -}}
{{- /* Its parts, as the descriptor of an xApp has them. */ -}}
{{- define "ranform.imageRest" -}}
{{- $image := include "ranform.image" . -}}
{{- $first := regexFind "^[^/]+/" $image -}}
{{- if regexMatch "[.:]" $first -}}
{{- trimPrefix $first $image -}}
{{- else if $first -}}
{{- $image -}}
{{- else -}}
{{- printf "library/%s" $image -}}
{{- end -}}
{{- end -}}
{{- define "ranform.imageRegistry" -}}
{{- $first := regexFind "^[^/]+/" (include "ranform.image" .) -}}
{{- if regexMatch "[.:]" $first -}}
{{- trimSuffix "/" $first -}}
{{- else -}}
docker.io
{{- end -}}
{{- end -}}
{{- define "ranform.imageName" -}}
{{- $rest := include "ranform.imageRest" . -}}
{{- if contains "@sha256:" $rest -}}
{{- printf "%s@sha256" (regexReplaceAll ":[^:]*$" (regexReplaceAll "@.*$" $rest "") "") -}}
{{- else -}}
{{- regexReplaceAll ":[^:]*$" $rest "" -}}
{{- end -}}
{{- end -}}
{{- define "ranform.imageTag" -}}
{{- $image := include "ranform.image" . -}}
{{- if contains "@sha256:" $image -}}
{{- regexReplaceAll "^.*@sha256:" $image "" -}}
{{- else -}}
{{- regexReplaceAll "^.*:" $image "" -}}
{{- end -}}
{{- end -}}
{{- /* The tag, where it can be a label; and as the version that the descriptor of an xApp wants. */ -}}
{{- define "ranform.imageVersion" -}}
{{- $tag := include "ranform.imageOwnTag" . -}}
{{- if regexMatch "^[0-9A-Za-z]([-_.0-9A-Za-z]{0,61}[0-9A-Za-z])?$" $tag -}}
{{- $tag -}}
{{- end -}}
{{- end -}}
{{- define "ranform.imageRelease" -}}
{{- $tag := include "ranform.imageOwnTag" . -}}
{{- $number := "(0|[1-9][0-9]*)" -}}
{{- if regexMatch (printf "^%s([.]%s){0,2}(-[-0-9A-Za-z]+([.][-0-9A-Za-z]+)*)?$" $number $number) $tag -}}
{{- $core := regexFind "^[0-9.]+" $tag -}}
{{- printf "%s%s%s" $core (repeat (int (sub 3 (len (splitList "." $core)))) ".0") (trimPrefix $core $tag) -}}
{{- else -}}
0.0.0
{{- end -}}
{{- end -}}
{{- define "ranform.imageOwnTag" -}}
{{- $name := last (splitList "/" (regexReplaceAll "@.*$" (index (index . 0).Values.images (index . 1)) "")) -}}
{{- if contains ":" $name -}}
{{- regexReplaceAll "^[^:]*:" $name "" -}}
{{- end -}}
{{- end -}}
