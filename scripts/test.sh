#!/usr/bin/env bash
# Builds everything and runs all tests, as root. The last line says "N passed, N failed"; exits non-zero if any failed.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# The tests compare with these programs, and use them to make and to capture traffic.
test_packages=(tshark nfdump pmacct openssl python3 tmux tcpdump iproute2 ethtool tcpreplay iperf3 procps shellcheck)

fail() {
	say "$@"
	echo "0 passed, 1 failed"
	exit 1
}

[ "$(id -u)" -eq 0 ] || fail "the tests need root: they make links and attach XDP programs; run: sudo $0"
(install_missing "${build_packages[@]}" "${test_packages[@]}") || fail "what the tests need could not be installed"
(find_dotnet) || fail "there is nothing to build with"
find_dotnet

cd "$root"
"$dotnet" restore XdpTop.sln --locked-mode -v quiet || fail "restoring the packages failed"
"$dotnet" build XdpTop.sln --no-restore -c Release -v quiet || fail "the build failed"
(publish) || fail "publishing the program failed"

# End-to-end tests run the native program.
export XDPTOP_PROGRAM=$root/build/xdptop
log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
timeout --kill-after=10 600 "$dotnet" test XdpTop.sln --no-build -c Release 2>&1 | tee "$log" || status=$?

# The line that dotnet test ends with: "Passed!  - Failed:     0, Passed:    66, Skipped:     0, Total:    66, …"
counts=$(sed -nE 's/.*- Failed: +([0-9]+), Passed: +([0-9]+), Skipped: +([0-9]+), Total:.*/\1 \2 \3/p' "$log" | tail -n 1)
[ -n "$counts" ] || fail "the tests did not come to an end (exit status $status)"
read -r failed passed skipped <<<"$counts"
# No test may be skipped: one that was has not shown what it is there to show.
failed=$((failed + skipped))
if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
	failed=1
fi

# Other kernels and another driver. A line "5 passed, 0 failed" is its last.
virtual_machines() { timeout --kill-after=10 600 scripts/vm-zero-copy.sh 2>&1 | tee "$log"; }
if ! virtual_machines; then
	say "the virtual machines: see above"
	# Emulated kernels have been seen to panic now and then, on their own; one that xdptop brings down does so again.
	if grep -q 'Kernel panic' "$log"; then
		say "a guest's kernel has panicked: once more"
		virtual_machines || say "the virtual machines: see above"
	fi
fi
read -r vm_passed _ vm_failed _ < <(sed -nE '$s/^[0-9]+ passed, [0-9]+ failed$/&/p' "$log") || vm_passed=0 vm_failed=1
passed=$((passed + vm_passed))
failed=$((failed + vm_failed))
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
