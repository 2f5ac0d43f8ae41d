# What a checkout needs, from nothing to tested: `make test`.

# Debian's package and pkg-config's name of each C library; mimalloc has no such name everywhere.
PACKAGES := libgnutls28-dev liblz4-dev libmicrohttpd-dev libmimalloc-dev librdkafka-dev libyaml-dev libzstd-dev \
  pkg-config zlib1g-dev
LIBRARIES := gnutls liblz4 libmicrohttpd libzstd rdkafka yaml-0.1 zlib
SOURCES := Sources Tests Benchmarks/Sources Package.swift Benchmarks/Package.swift
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

SEEDS ?= 500
FIRST ?= 1

.PHONY: all setup build test simulate fuzz demo chaos bench lint format clean

all: build

# Checks the toolchain and installs the C libraries that are missing.
setup:
	@command -v swift >/dev/null || { echo "Riffle needs Swift 6.2 or newer: https://swift.org/install" >&2; exit 69; }
	@version=$$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1); \
	  oldest=$$(printf '%s\n6.2\n' "$$version" | sort -V | head -n 1); \
	  [ "$$oldest" = 6.2 ] || { echo "Riffle needs Swift 6.2 or newer; this is $$version" >&2; exit 69; }
	@if command -v pkg-config >/dev/null && pkg-config --exists $(LIBRARIES) && \
    [ -e /usr/include/mimalloc.h ]; then exit 0; fi; \
	  if command -v apt-get >/dev/null; then \
	    $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq --no-install-recommends $(PACKAGES); \
	  else \
	    echo "Riffle needs pkg-config and the development files of $(LIBRARIES) mimalloc: install them" >&2; exit 69; \
	  fi

# The release executable, .build/release/riffle.
build: setup
	swift build -c release --product riffle

# Everything that must hold, in debug mode: imports as declared, all tests.
test: setup
	swift build --build-tests --explicit-target-dependency-import-check error
	swift test --skip-build --parallel

# The engine in memory under failing disks, kills and power cuts, for SEEDS seeds from FIRST on; a seed that differs
# differs again.
simulate: setup
	swift build -c release --product simulate
	.build/release/simulate $(SEEDS) $(FIRST)

# Whatever reads bytes, fuzzed for MINUTES: each target (Fuzz/run 0 list), or TARGET alone.
MINUTES ?= 30
TARGET ?=
fuzz: setup
	Fuzz/run $$(( $(MINUTES) * 60 )) $(TARGET)

# A broker, shoppers, the engine and HTTP on 127.0.0.1:8000, in one process, until Ctrl-C.
demo: build
	.build/release/riffle demo

# Kills, broken brokers, damage and a full disk, with real clickstream and a real Kafka: KAFKA is an unpacked release,
# ORACLE the reference that says what must come out (Acceptance/chaos --help).
KILLS ?= 100
KAFKA ?= $(RIFFLE_KAFKA_HOME)
ORACLE ?= $(RIFFLE_ORACLE)
chaos: build
	Acceptance/chaos --kills $(KILLS) --kafka "$(KAFKA)" --oracle "$(ORACLE)"

# Speed and memory beside DuckDB, and whether both give the same answer; Benchmarks/README.md says how to read it.
bench: build
	@touch Benchmarks/Package.swift # else it builds the engine's files of the last time, without new ones
	swift run -c release --package-path Benchmarks benchmarks backfill

lint:
	swift format lint --strict -r $(SOURCES)

format:
	swift format -i -r $(SOURCES)

clean:
	rm -rf .build
