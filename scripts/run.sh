#!/usr/bin/env bash
# Runs xdptop with the arguments given (an interface, --demo, or any of its options), on any machine with the .NET SDK:
# installs what the build is missing, builds the native program if its sources are newer, and hands over to it.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

install_missing "${build_packages[@]}"
publish
exec "$root/build/xdptop" "$@"
