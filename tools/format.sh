#!/usr/bin/env bash
# Formats the C++ files of the repository, or those of the named ones; --check only tells which would change.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
mode=(-i)
if [[ ${1:-} == --check ]]; then
  mode=(--dry-run --Werror)
  shift
fi
clang_format=$(tools/setup.sh format)
if [[ $# -gt 0 ]]; then
  files=("$@")
else
  mapfile -t files < <(git ls-files --cached --others --exclude-standard '*.h' '*.cc')
fi
existing=()
for file in "${files[@]}"; do
  if [[ -f $file && $file == *.@(h|cc) ]]; then existing+=("$file"); fi
done
[[ ${#existing[@]} -eq 0 ]] || "$clang_format" "${mode[@]}" "${existing[@]}"
