# The commands of daily work. `make help` lists them; CONTRIBUTING.md explains the loop.
.DEFAULT_GOAL := help
.PHONY: help build test it cluster-up cluster-down run-operator golden fmt lint images
mvnw := ./mvnw -B -ntp

help: ## Print this list
	@awk -F ' *## ' '/^[a-z-]+:.*##/ {sub(/:.*/, "", $$1); printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## Compile everything and package the jars, without tests
	$(mvnw) -q package -DskipTests

test: ## Run the unit tests; of one class or method with T=DeciderTest or T=DeciderTest#method, of one module with M=operator
	$(mvnw) test $(if $(M),-pl $(M) -am) $(if $(T),-Dtest='$(T)' -Dsurefire.failIfNoSpecifiedTests=false)

# Neither -Dexec.skip's executions (start-stack, quickstart down, lint) nor unit tests run: surefire finds no class named None.
it: ## Run one class of cluster tests, T=RetrainIT or T=RetrainIT#method, on the stack that cluster-up started
	@test -n "$(T)" || { echo "make it: which test? make it T=RetrainIT" >&2; exit 2; }
	$(mvnw) verify -pl e2e -am -Dexec.skip -Dspotless.check.skip -Dcyclonedx.skip \
	  -Dtest=None -Dsurefire.failIfNoSpecifiedTests=false -Dit.test='$(T)'

cluster-up: ## Start a new local cluster with the stack on it, as root; images are built if the sources changed
	e2e/start-stack

cluster-down: ## Stop the local cluster and delete its data
	./quickstart down

run-operator: ## Run the operator from the sources against the local cluster, in place of the one in the cluster
	dev/run-operator

golden: ## Write the golden files, the CRDs and the plain manifests again from the code and the chart
	$(mvnw) test -pl operator,model-server,trainer-job -am -Dgolden.update=true
	helm/update-prometheus-crds
	k8s/render-manifests

fmt: ## Format Java and Python
	$(mvnw) -q spotless:apply
	dev/lint --fix

lint: ## Check Java's format, shell scripts, Python, the chart, dashboards, and versions that are written in two places
	$(mvnw) -q spotless:check
	dev/lint

images: ## Build the images of operator, model server and trainer, as root, and print their tag
	dev/images/build-images
