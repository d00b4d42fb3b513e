#!/usr/bin/env bash
# The tests that run on PostgreSQL too, with a server from run.sh: tests.sh BUILD_FOLDER
set -euo pipefail
"$1/src/state/state_test" --gtest_brief=1
"$1/src/detect/detect_test" --gtest_brief=1
"$1/test/end_to_end_cases_test" --gtest_brief=1
