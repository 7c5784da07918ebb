#!/usr/bin/env bash
# Switches SMT (hyper-threading) off, so that a worker has a core to itself, and on again, until the next boot.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

control=${SMT_ROOT:-}/sys/devices/system/cpu/smt/control

case $#:${1:-} in
	1:-h | 1:--help)
		echo "Usage: smt.sh off|on|show"
		echo "Exit status: 0 done, 1 failed, 2 usage, 77 not root, or no SMT to switch."
		exit 0
		;;
	1:on | 1:off | 1:show) wanted=$1 ;;
	*)
		say "give off, on or show; see 'smt.sh --help'"
		exit 2
		;;
esac
if [ ! -r "$control" ]; then
	say "this kernel cannot switch SMT: $control is not there"
	exit 77
fi
now=$(<"$control")
if [ "$wanted" = show ]; then
	echo "$now"
	exit 0
fi
case $now in
	"$wanted") exit 0 ;;
	on | off) ;;
	*)
		[ "$wanted" = on ] || [ "$now" != notsupported ] || exit 0 # no SMT: as good as off
		say "SMT cannot be switched $wanted on this machine: it is '$now'"
		exit 77
		;;
esac
if [ ! -w "$control" ]; then
	say "switching SMT needs root: run it with sudo"
	exit 77
fi
(echo "$wanted" >"$control") 2>/dev/null || die "switching SMT $wanted failed: the kernel refuses to write $control"
