#!/usr/bin/env bash
# Runs xdptop in virtual machines, with kernels and a driver that this machine need not have: on one whose virtio_net has
# AF_XDP zero-copy, and on Linux 6.1, the oldest that is tested. In every mode each packet sent has to be metered once.
# The last line says "N passed, N failed"; exits non-zero if any failed.
#
# It needs no KVM. It touches nothing of this machine's network: all happens in namespaces that go with its processes.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source-path=SCRIPTDIR source=vm/kernel.sh
. "$root/scripts/vm/kernel.sh"
# shellcheck source-path=SCRIPTDIR source=vm/guest.sh
. "$root/scripts/vm/guest.sh"

vm_packages=(qemu-system-x86 busybox-static cpio kmod xz-utils iproute2 ethtool python3 debian-archive-keyring)
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/xdptop/kernels

if [ "${1:-}" != --inside ]; then
	[ "$(id -u)" -eq 0 ] || die "this needs root, to make a network of its own; run: sudo $0"
	[ "$(uname -m)" = x86_64 ] || die "the virtual machines are x86-64's, and run programs of this machine, which is $(uname -m)"
	install_missing "${build_packages[@]}" "${vm_packages[@]}"
	publish
	mkdir -p "$cache"
	fetch_kernel trixie-backports
	fetch_kernel bookworm
	# Nothing of it can be left, not even after SIGKILL: processes, interfaces and files are the namespaces'.
	exec unshare --net --mount --pid --fork --kill-child --mount-proc "$0" --inside
fi

passed=0
failed=0

# Also when the guest does not answer.
trap 'echo "$passed passed, $((failed + 1)) failed"; exit 1' INT TERM

# One line for each thing that is to hold.
report() {
	local status=$1
	shift
	if [ "$status" -eq 0 ]; then
		passed=$((passed + 1))
		echo "ok      $release $*"
	else
		failed=$((failed + 1))
		echo "FAILED  $release $*"
	fi
}

# holds "what it is" COMMAND...: runs the command in the guest, which has to succeed.
holds() {
	local what=$1 status=0 output
	shift
	output=$(guest "$*") || status=1
	report "$status" "$what${output:+: $output}"
}

# meters "the mode that the kernel is to say" OPTIONS...: what is sent has to be metered once, and to come by both queues.
meters() {
	local expected=$1 figures status=0 sent before after lost
	shift
	if ! guest start "$@"; then
		report 1 "${*:-no options}: xdptop did not start: $(guest cat /tmp/errors || true)"
		return
	fi
	mapfile -t before < <(guest queues)
	lost=$(</sys/class/net/tap0/statistics/tx_dropped)
	sent=$(python3 "$root/scripts/vm/traffic.py" send tap0)
	guest finish "$sent" >flows || status=1
	mapfile -t after < <(guest queues)
	figures=$(python3 "$root/scripts/vm/traffic.py" check flows 2>&1) || status=1
	figures+="; interrupts of queues $((after[0] - before[0])) + $((after[1] - before[1]))"
	lost=$(($(</sys/class/net/tap0/statistics/tx_dropped) - lost))
	[ "$lost" -eq 0 ] || figures+="; $lost lost on the way to the guest"
	case $figures in
		"$expected: "*) ;;
		*) status=1 figures+="; expected $expected" ;;
	esac
	if [ $((after[0] - before[0])) -eq 0 ] || [ $((after[1] - before[1])) -eq 0 ]; then
		status=1 figures+="; one queue had nothing"
	fi
	[ "$status" -eq 0 ] || figures+="; $(guest cat /tmp/errors || true)"
	report "$status" "${*:-no options}: $figures"
}

with_guest() {
	make_initramfs "$1"
	boot "$1"
	release=$(guest uname -r)
}

mount -t sysfs sysfs /sys # with this network's interfaces
mkdir -p "$cache/scratch"
mount -t tmpfs tmpfs "$cache/scratch"
cd "$cache/scratch"
sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
ip tuntap add tap0 mode tap multi_queue
ip link set tap0 txqueuelen 10000 up

with_guest "$cache/trixie-backports"
meters "redirect native zero-copy"
meters "redirect native zero-copy" --bind zero-copy
meters "redirect native copy" --bind copy
meters "redirect skb copy" --attach skb
meters "tap tcx" --mode tap
meters "tap clsact" --mode tap --attach clsact
holds "SIGKILL in zero-copy leaves nothing attached" "start && has_xdp && murder && gone has_xdp"
meters "redirect native zero-copy" --bind zero-copy
shut_down

with_guest "$cache/bookworm"
meters "redirect native copy"
meters "redirect skb copy" --attach skb
holds "zero-copy by force is refused with a reason" \
	"start --bind zero-copy; [ \$? -eq 77 ] && grep -q 'failed: Operation not supported.*its driver has no zero-copy: use --bind auto' /tmp/errors && ! has_xdp"
holds "SIGKILL in redirect leaves nothing attached" "start && has_xdp && murder && gone has_xdp"
meters "tap clsact" --mode tap
holds "SIGKILL in tap leaves two filters" "start --mode tap && murder && [ \"\$(filters)\" = '1 1' ]"
holds "the next tap removes them" "start --mode tap && [ \"\$(filters)\" = '1 1' ] && finish 0 >/dev/null && ! has_clsact"
shut_down

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
