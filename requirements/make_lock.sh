#!/usr/bin/env bash
# Resolve every range in this folder into lock.txt: exact versions of everything, dependencies of dependencies included.
#
#   requirements/make_lock.sh             keeps versions that still satisfy the ranges
#   requirements/make_lock.sh --upgrade   takes the newest ones
#
# Arguments go on to `uv pip compile`. The lock is complete, so it is installed with --no-deps: that is what keeps
# opencv-python out (overrides.txt). It names no index, and its markers (`; sys_platform == ...`) hold on any system.
set -euo pipefail
cd "$(dirname "$0")"
command -v uv >/dev/null || { echo 'make_lock.sh needs uv: pip install uv' >&2; exit 1; }

draft=$(mktemp)
trap 'rm -f "$draft"' EXIT
if [[ -f lock.txt ]]; then cp lock.txt "$draft"; fi
cat runtime.txt xformers.txt test.txt dev.txt |
  uv pip compile - --universal --python-version 3.11 --override overrides.txt \
    --no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet --output-file "$draft" "$@"
{
  echo '# Made by requirements/make_lock.sh from the ranges beside it; do not edit. Install with --no-deps.'
  grep -v '^#' "$draft"
} >lock.txt
