# What a person and CI type. `make` alone lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup build run reset redrive token test race fuzz bench prove samples contract snapshot synth bootstrap deploy diff destroy lint vuln check

FUNCTIONS := $(patsubst functions/%/bootstrap/,%,$(wildcard functions/*/bootstrap/))
GOBUILD   := CGO_ENABLED=0 go build -trimpath -buildvcs=false -tags lambda.norpc -ldflags "-s -w"
ENGINE    := go run ./infra/local/engine/with --
CDK       := node_modules/.bin/cdk
export PATH := $(CURDIR)/node_modules/node/bin:$(PATH)
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 18

setup: ## fetch what local runs and tests need (Java, Node, engines)
	@infra/local/install

build: ## build the functions for this machine
	@echo "Building $(words $(FUNCTIONS)) functions …"
	@for f in $(FUNCTIONS); do $(GOBUILD) -o dist/local/$$f/bootstrap ./functions/$$f/bootstrap || exit 1; done

dist: ## build the functions for Lambda (arm64)
	@echo "Building $(words $(FUNCTIONS)) functions for arm64 …"
	@for f in $(FUNCTIONS); do GOOS=linux GOARCH=arm64 $(GOBUILD) -o dist/arm64/$$f/bootstrap ./functions/$$f/bootstrap || exit 1; done
.PHONY: dist

run: setup build ## run the whole cloud on this machine (PORT=8080)
	@go build -o dist/local/cloud ./infra/local
	@exec dist/local/cloud

reset: ## clear the local cloud's data
	@go run ./infra/local reset

redrive: ## bring dead letters back to their queues (QUEUE=renewal; STACK=Comptoir for a deployment's)
	@go run $(if $(STACK),./infra/redrive/aws $(STACK),./infra/local redrive) $(QUEUE)

test: setup ## run all tests on the real engines
	$(ENGINE) go test -timeout 30m ./...

race: setup ## the same under the race detector, without the stack
	$(ENGINE) go test -race -timeout 40m ./shared/... ./functions/... ./infra/local/...

FUZZTIME ?= 10s
fuzz: setup ## fuzz every decoder for FUZZTIME each
	@$(ENGINE) infra/ci/fuzz $(FUZZTIME)

bench: setup build ## measure every operation; see docs/performance.md
	@go run ./infra/bench

HISTORIES ?= 3000
REPLAY ?= 22000
prove: setup ## prove seats, reach and what falls due: HISTORIES histories, a replay of REPLAY customers, then faults that tests must catch
	@echo "This takes about an hour on two cores."
	@$(ENGINE) go run ./infra/prove -histories $(HISTORIES) -replay $(REPLAY)

samples: setup ## write the samples of the folder events anew
	$(ENGINE) go test ./functions -run TestSamples -update

contract: ## write docs/openapi.yaml and the README's table of operations anew
	go run ./functions/contract

snapshot: setup ## write the snapshot of the template anew
	go test ./infra/stack -run TestTheSnapshotIsCurrent -update

synth: setup dist ## make the CloudFormation template in cdk.out
	go run ./infra

bootstrap: setup dist ## prepare the AWS account of your credentials for the CDK, once
	$(CDK) bootstrap

deploy: setup dist ## deploy to the AWS account of your credentials
	@! grep -nE '"[a-zA-Z]+": "[^"]*(example\.com|localhost)' cdk.json || \
		{ echo "cdk.json still holds these examples: set them first" >&2; exit 1; }
	$(CDK) deploy Comptoir $(ARGS)

diff: setup dist ## compare with what is deployed
	$(CDK) diff Comptoir

destroy: setup dist ## take the stack down, after make deploy ARGS="-c destroy=true"
	$(CDK) destroy Comptoir -c destroy=true

lint: ## vet, staticcheck, gofumpt
	@infra/ci/lint

vuln: ## look for known vulnerabilities (needs vuln.go.dev)
	go run golang.org/x/vuln/cmd/govulncheck@v1.1.4 ./...

check: ## everything CI does
	@.ci/run
