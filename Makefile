# Loam's commands for people. GNU make, bash; `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# Two builds in one scratch folder would wait for each other or worse: one goal after the other.
.NOTPARALLEL:

SWIFT ?= swift
SCRATCH ?= .build
SWIFT_FLAGS ?=
BUILD := $(SWIFT) build --scratch-path $(SCRATCH) $(SWIFT_FLAGS)
FORMATTED := Sources Tests Package.swift

.PHONY: help test build release demo photos lint format peers picture model board-test install-deps clean

help: ## lists these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

test: build ## installs what is missing, builds, runs every test of the package and of the program
	$(SWIFT) test --scratch-path $(SCRATCH) $(SWIFT_FLAGS) --skip-build --disable-xctest
	Tests/check-kernels.sh
	Tests/check-kernels-vnni.sh
	Tests/check-kernels-aarch64.sh
	Tests/check-modules.sh --self-test
	Tests/check-modules.sh
	Tests/check-cli.sh $(SCRATCH)/debug/loam
	Tests/check-sync.sh $(SCRATCH)/debug/loam

# The tests by name: --build-tests would also build protoc, which swift-protobuf brings along.
build: install-deps ## builds for debugging, tests included
	$(BUILD) --product loam
	$(BUILD) --product loamPackageTests

release: install-deps ## builds for use: .build/release/loam
	$(BUILD) -c release --product loam

demo: photos release ## shows the whole loop on real photos (downloads them once)
	$(SCRATCH)/release/loam demo --data "$$(Models/demo-photos.sh)" --flips both $(DEMO)

photos: ## fetches the demo's photos once, into the user's cache
	@Models/demo-photos.sh

lint: ## checks format, module order, words and scripts
	Tests/lint.sh

format: ## formats the Swift sources in place
	$(SWIFT) format -i -r --configuration .swift-format $(FORMATTED)

peers: build ## compares what is exported with ONNX Runtime (needs Python)
	@.ci/install-deps.sh python
	Tests/Peers/run.sh $(SCRATCH)/debug/loam

picture: photos release ## makes Docs/demo.svg from a run of the demo
	Docs/picture.sh $(SCRATCH)/release/loam demo --data "$$(Models/demo-photos.sh)" --flips both $(DEMO)

model: release ## makes Models/efficientnet-lite0.loam again from its public source
	Models/build.sh

board-test: release ## boots Loam's image on an emulated arm64 board and plays its operator (root, 6 GB, long)
	$(MAKE) -C Firmware board-test HOST_LOAM=$(abspath $(SCRATCH))/release/loam

install-deps: ## installs what the build needs and this machine lacks
	@.ci/install-deps.sh build

clean: ## removes what was built (not the photos)
	rm -rf $(SCRATCH) .build-peers
