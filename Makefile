# The front door. Every goal installs what is missing first (tools/setup.sh); the work itself is in
# CMakePresets.json and tools/. The edit-build-test loop is in docs/development.md.

BULLION := build/release/bullion
CONFIGURE := cmake --log-level=WARNING --preset
JOBS ?= $(shell nproc)

.PHONY: build setup demo test test-web test-interop bench bench-files bench-spend bench-banking bench-detectors format clean

build: setup ## -> build/release/bullion
	@$(CONFIGURE) release >/dev/null
	@cmake --build --preset release --target bullion

setup: ## install what a build and the tests need
	@tools/setup.sh

demo: build ## two batches of billing files, two releases, what changed between them
	@tools/demo.sh $(BULLION) build/demo

# Cheapest first. The unit tests run once, with sanitizers; the end-to-end tests run the program that
# users get.
test: setup ## every test but those with foreign readers
	@python3 tools/tidy_test.py --quiet
	@python3 tools/tidy.py
	@tools/format.sh --check
	@$(CONFIGURE) release >/dev/null
	@cmake --build --preset release --target end_to_end_tests
	@ctest --preset release --label-regex end_to_end --parallel $(JOBS)
	@$(CONFIGURE) asan >/dev/null
	@cmake --build --preset asan --target unit_tests all_verify_interface_header_sets
	@ctest --preset asan --label-exclude 'end_to_end|tidy' --parallel $(JOBS)

test-web: build ## the pages: types, rules, unit tests, and a browser on the real server
	@tools/setup.sh browser
	@tools/web.sh check
	@tools/web.sh e2e $(BULLION)

test-interop: build ## deltalake, chdb and Spark + Delta read what the demo wrote
	@tools/setup.sh interop
	@test/interop/run.sh $(BULLION)
	@test/interop/airflow/run.sh $(BULLION)
	@cmake --build --preset release --target state_test detect_test end_to_end_cases_test
	@test/interop/postgres/run.sh test/interop/postgres/tests.sh build/release

bench: build ## 10 million events against a DuckDB script by hand
	@tools/bench.sh $(BULLION)

bench-files: build ## 1.59 million rows of dirty files against a DuckDB script by hand
	@tools/bench_files.sh $(BULLION)

bench-spend: build ## 1.5 million real payments, files to cases, and one more month
	@tools/bench_spend.sh $(BULLION)

bench-banking: build ## 10 million transactions to the five marts against a DuckDB script by hand
	@tools/bench_banking.sh $(BULLION)

bench-detectors: build ## recall, precision and calibration on planted anomalies; duplicates put into a real ledger
	@tools/bench_detectors.sh $(BULLION)

format: setup
	@tools/format.sh

clean:
	rm -rf build
