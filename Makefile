# The two commands of the README are `make demo` and `make test`; `make help` lists the rest.
SHELL := /bin/bash
export PATH := $(or $(CARGO_HOME),$(HOME)/.cargo)/bin:$(PATH)

# The real 3GPP, O-RAN and OpenConfig modules, where they are at hand (they may not be redistributed).
ifndef RANFORM_YANG
ifneq ($(wildcard ../shared/yang/.),)
export RANFORM_YANG := $(abspath ../shared/yang)
endif
endif
# The published schemas of A1 policy types, likewise.
ifndef RANFORM_SCHEMAS
ifneq ($(wildcard ../shared/schemas/.),)
export RANFORM_SCHEMAS := $(abspath ../shared/schemas)
endif
endif

.PHONY: help demo build test bench soak docs install-tools clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

install-tools:  ## install what is missing (Debian packages, Rust)
	@scripts/install-tools

build: install-tools  ## build everything
	cargo build --workspace --all-targets --locked

demo: install-tools  ## slices of the COSMO testbed, a RIC placed within its loops, one slice over a Kubernetes cluster (built the first time)
	@cargo build --workspace --bins --locked
	@scripts/demo

test: install-tools  ## everything that must hold: format, lints, licenses, tests
	scripts/test

bench: install-tools  ## time the optimizers and the compiler beside their peers
	scripts/bench

soak: install-tools  ## long fuzz and scale runs
	scripts/soak

docs: install-tools  ## build the book into target/book
	scripts/docs

clean:  ## remove what was built
	cargo clean
