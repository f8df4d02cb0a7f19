# terrace: `make demo` shows the main job, `make test` runs the tests. Both do all set-up.
SWIFT ?= swift
BUILD ?= $(SWIFT) build
STAY ?= 1
NAME ?= kill
SEED ?= 1
KILLS ?= 100
CASES ?= 1000
ROUNDS ?= 3
SEEDS ?= 20
DAY ?=
# A program that exports all its symbols, as a static runtime asks for by itself, takes 6 MB more on disk and in memory.
RELEASE := -c release --static-swift-stdlib -Xlinker -s -Xlinker --no-export-dynamic
# Packages by their Debian names; the headers are what is looked for.
APT := g++ libc6-dev libsqlite3-dev zlib1g-dev python3
SYSTEM := sqlite3 zlib

.PHONY: deps build test lint format demo drill drills drill-pages planted swarm swarm-today twice bench release proto replica-fixture clean

deps:
	@missing=""; \
	if command -v cc >/dev/null; then for lib in $(SYSTEM); do \
		printf '#include <%s.h>\n' $$lib | cc -E - >/dev/null 2>&1 || missing="$$missing $$lib.h"; \
	done; else missing=" cc"; fi; \
	printf '#include <memory>\n' | c++ -x c++ -E - >/dev/null 2>&1 || missing="$$missing c++"; \
	command -v python3 >/dev/null || missing="$$missing python3"; \
	command -v $(SWIFT) >/dev/null || { echo "missing: swift 6.3 (https://www.swift.org/install)"; exit 1; }; \
	if [ -n "$$missing" ]; then \
		if command -v apt-get >/dev/null; then \
			sudo=""; [ $$(id -u) = 0 ] || sudo=sudo; \
			$$sudo apt-get update -q && $$sudo apt-get install -y -q $(APT); \
		else echo "missing:$$missing (Debian: $(APT))"; exit 1; fi; \
	fi

build: deps
	$(BUILD)

# What measures time on the wire runs alone, one after the other: beside other work it would measure that.
test: deps
	$(BUILD) --build-tests
	$(SWIFT) test --skip-build --no-parallel --filter NodeServerTests
	$(SWIFT) test --skip-build --skip NodeServerTests

lint: deps
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests
	sh .ci/names

format:
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests

demo: build
	$$($(SWIFT) build --show-bin-path)/terrace demo $(if $(filter 0,$(STAY)),--no-stay)

drill-pages: build
	python3 Tests/drills/pages.py --terrace $$($(SWIFT) build --show-bin-path)/terrace

# One of docs/DRILLS.md: make drill NAME=moves. CASES counts only where it is given, for those that have --cases.
drill: build
	python3 Tests/drills/$(NAME).py --seed $(SEED) $(if $(filter kill,$(NAME)),--kills $(KILLS)) \
		$(if $(filter command% environment%,$(origin CASES)),--cases $(CASES)) \
		--terrace $$($(SWIFT) build --show-bin-path)/terrace

drills: build
	python3 Tests/drills/all.py --seed $(SEED) --terrace $$($(SWIFT) build --show-bin-path)/terrace

# Bugs that are built in for this alone, each of which the simulator has to find (docs/SIMULATOR.md).
planted: deps
	TERRACE_PLANTED=1 $(SWIFT) build $(RELEASE) --scratch-path .build/planted --product terrace
	$$($(SWIFT) build $(RELEASE) --scratch-path .build/planted --show-bin-path)/terrace hunt

release: deps
	$(SWIFT) build $(RELEASE) --product terrace

# One city twice: what two runs of it say is the same to the byte, digest and all.
twice: build
	@dir=$$(mktemp -d); trap 'rm -rf "$$dir"' EXIT; terrace=$$($(SWIFT) build --show-bin-path)/terrace; \
	for run in 1 2; do \
		$$terrace simulate --topology topology/demo.yaml --seed 7 --days 1 --faults hard --report $$dir/$$run \
			>$$dir/$$run.txt || { cat $$dir/$$run.txt; exit 1; }; \
	done; \
	cmp $$dir/1/report.json $$dir/2/report.json && grep '^digest' $$dir/1.txt

# Small cities with mixed faults; DAY (yyyy-mm-dd) gives each day seeds of its own.
swarm: release
	$$($(SWIFT) build $(RELEASE) --show-bin-path)/terrace swarm --seeds $(SEEDS) --past fixtures/swarm/past \
		$(if $(DAY),--day $(DAY),--from $(SEED))

# This day's fifth of those that failed once and a few of its own, with what `build` makes.
swarm-today: build
	past=$$(mktemp); trap 'rm -f "$$past"' EXIT; \
	awk -v day=$$(($$(date +%s) / 86400)) '(NR + day) % 5 == 0' fixtures/swarm/past > "$$past"; \
	$$($(SWIFT) build --show-bin-path)/terrace swarm --seeds 3 --past "$$past" --day $$(date +%F)

bench: release
	$(SWIFT) build $(RELEASE) --product bench
	bin=$$($(SWIFT) build $(RELEASE) --show-bin-path); $$bin/bench $$bin/terrace --cases $(CASES) --rounds $(ROUNDS)

# Needs protoc; the generator comes from the package that the project depends on.
proto:
	$(SWIFT) build --product protoc-gen-swift
	cd Sources/ChangeSet/Wire && protoc \
		--plugin=protoc-gen-swift=$$(cd ../../.. && $(SWIFT) build --show-bin-path)/protoc-gen-swift \
		--swift_opt=Visibility=Package --swift_out=../Generated *.proto

# A data directory of the present schema, made by the program (fixtures/replicas/README.md).
replica-fixture: build
	sh fixtures/replicas/make.sh $$($(SWIFT) build --show-bin-path)/terrace

clean:
	$(SWIFT) package clean
