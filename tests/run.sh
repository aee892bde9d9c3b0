#!/usr/bin/env bash
# All checks and tests, the same on a developer's machine and in CI. Called by `make test`.
set -euo pipefail
cd "$(dirname "$0")/.."

# A build that is thrown away gains nothing from what would make the next one faster.
if [ -n "${CI:-}" ]; then
  export CARGO_INCREMENTAL=0
fi

step() { printf '\n== %s (%s)\n' "$1" "$(date +%T)"; }

step "set-up"
infra/local/setup.sh test
export ORT_DYLIB_PATH="$PWD/.heaters/onnxruntime/libonnxruntime.so"

step "formatting"
cargo fmt --all --check

step "web: types, lint, unit tests, build"
npm --prefix web run check
npm --prefix web run lint
npm --prefix web test
npm --prefix web run build

step "build"
cargo build --workspace --all-targets
ln -sf debug/heaters target/heaters

step "clippy"
cargo clippy --workspace --all-targets -- -D warnings

step "local fabric"
# A fabric of its own, so that a running one and its videos are left alone.
export HEATERS_HOME="$PWD/target/test-fabric"
stop() { target/heaters down || true; }
trap stop EXIT
stop
rm -rf "$HEATERS_HOME"
HEATERS_TEST_FABRIC=$(target/heaters up --json --allow-loopback-sources)
of_fabric() { python3 -c 'import json, sys; print(json.loads(sys.argv[1])[sys.argv[2]])' "$HEATERS_TEST_FABRIC" "$1"; }
HEATERS_TEST_DATABASE_URL=$(of_fabric database_url)
SITE_URL=$(of_fabric site_url)
HEATERS_TEST_SAMPLE=target/sample.mp4
export HEATERS_TEST_FABRIC HEATERS_TEST_DATABASE_URL HEATERS_TEST_SAMPLE SITE_URL
infra/local/sample.sh "$HEATERS_TEST_SAMPLE"

step "launcher of the emulator"
.heaters/venv/bin/python -m unittest discover -s infra/local/launcher -p 'test_*.py'

step "unit, property, agreement and end-to-end tests"
if cargo nextest --version >/dev/null 2>&1; then
  cargo nextest run --workspace --no-fail-fast
else
  cargo test --workspace --no-fail-fast
fi

step "browser"
npm --prefix web run e2e

step "done"
