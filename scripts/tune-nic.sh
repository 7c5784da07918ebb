#!/usr/bin/env bash
# Sets an interface up for xdptop's redirect mode, and back to what it was; --help says more.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() {
	cat <<-'END'
		Usage: tune-nic.sh INTERFACE apply|restore|show [--dry-run] [--workers N] [--cpus LIST]

		  apply      rings to their maximum, as many queues as workers, symmetric RSS over addresses and ports, fixed
		             interrupt coalescing, VLAN tags left in the frames, each queue's interrupt on a core of its own;
		             what was there before the first apply is kept in a file in /run/xdptop
		  restore    all back as it was, and that file removed
		  show       what is in force

		  --dry-run        print what would be done, and do nothing
		  --workers N      queues (as many as cores)
		  --cpus LIST      cores for the queues' interrupts, in turn, as 0-3,5 (all)

		Changing queues or rings takes most links down for a moment.
		Exit status: 0 all done, 1 failed, 2 usage, 3 done but for what the driver cannot do, 77 not root.
	END
}

refuse() {
	say "$*; see 'tune-nic.sh --help'"
	exit 2
}

# Where /proc, /sys and /run are; tests have their own.
system=${TUNE_NIC_ROOT:-}
state_directory=$system/run/xdptop
rx_usecs=50 # some 100 packets at line rate of a 10 Gbit/s link with 8 queues
kinds=(tcp4 udp4 tcp6 udp6)
status=0
dry_run=

# now: what is in force, want: what shall be, both by the keys that a state file has.
declare -A now=() want=() most=()

# Numbers of the queues' interrupts. The keys irq-0, irq-1, ... are places in this array: queues made anew have other numbers.
irqs=()

# --- What is in force -----------------------------------------------------------------------------------------------

tool() { LC_ALL=C ethtool "$@" 2>/dev/null || true; }

# number SECTION NAME <<<TEXT: of what ethtool -g and -l print, "NAME: N" after the line "SECTION:"; nothing if it is no number.
number() {
	awk -v section="$1:" -v name="$2:" '
		$0 == section { inside = 1; next }
		/^[A-Z].*:$/ { inside = 0 }
		inside && index($0, name) == 1 { if ($NF ~ /^[0-9]+$/) print $NF; exit }'
}

# numbers OPTION NAME KEY: fills in now[KEY] and most[KEY], if there can be any.
numbers() {
	local text current maximum
	text=$(tool "$1" "$interface")
	current=$(number 'Current hardware settings' "$2" <<<"$text")
	maximum=$(number 'Pre-set maximums' "$2" <<<"$text")
	if [ -n "$current" ] && [ -n "$maximum" ] && [ "$maximum" -gt 0 ]; then
		now[$3]=$current
		most[$3]=$maximum
	fi
}

# The letters that ethtool -N takes for the fields that a kind of packet is hashed by; nothing if it does not tell.
hash_fields() {
	tool -n "$interface" rx-flow-hash "$1" | awk '
		/^L2DA/ { s = s "m" } /^VLAN tag/ { s = s "v" } /^L3 proto/ { s = s "t" } /^IP SA/ { s = s "s" } /^IP DA/ { s = s "d" }
		/^L4 bytes 0 & 1/ { s = s "f" } /^L4 bytes 2 & 3/ { s = s "n" }
		END { print s }'
}

# The interrupts that tell of received packets, in the order of their numbers: "NUMBER" a line.
queue_irqs() {
	local net device directory irq name
	net=$system/sys/class/net/$interface
	device=$(readlink -f "$net/device") || return 0
	directory=$device/msi_irqs
	[ -d "$directory" ] || directory=$(dirname "$device")/msi_irqs # a virtio NIC's parent has them
	[ -d "$directory" ] || return 0
	while read -r irq name; do
		[ -e "$directory/$irq" ] || continue
		[[ ! ${name,,} =~ -tx-?[0-9]+$|output ]] || continue
		[[ ! ${name,,} =~ rx|input|comp|ntfy && ! $name =~ -[0-9]+$ ]] || echo "$irq"
	done < <(awk '$1 ~ /^[0-9]+:$/ { sub(":", "", $1); print $1, $NF }' "$system/proc/interrupts" | sort -n)
}

# note KEY VALUE: fills in now[KEY], unless the value is empty: then the driver has no such setting.
note() { [ -z "$2" ] || now[$1]=$2; }

read_settings() {
	local text kind key
	now=()
	most=()
	note address "$(cat "$system/sys/class/net/$interface/address")"
	numbers -g RX ring-rx
	numbers -g TX ring-tx
	numbers -l Combined channels-combined
	if [ -z "${now[channels-combined]:-}" ]; then
		numbers -l RX channels-rx
		numbers -l TX channels-tx
	fi
	text=$(tool -x "$interface")
	note rss-table "$(sed -nE 's/^ *[0-9]+: +([0-9].*)/\1/p' <<<"$text" | xargs)"
	note rss-key "$(sed -nE '/^([0-9a-f]{2}:)+[0-9a-f]{2}$/p' <<<"$text")"
	note rss-function "$(sed -nE '/^RSS hash function:/,$s/^ +([a-z0-9]+): on$/\1/p' <<<"$text")"
	if [[ $text == *'input transformation'* ]]; then
		note rss-xfrm none
		note rss-xfrm "$(sed -nE 's/^ +(symmetric-[a-z-]+): on$/\1/p' <<<"$text")"
	fi
	for kind in "${kinds[@]}"; do
		note "hash-$kind" "$(hash_fields "$kind")"
	done
	text=$(tool -c "$interface")
	note adaptive-rx "$(sed -nE 's/^Adaptive RX: (on|off).*/\1/p' <<<"$text")"
	note rx-usecs "$(sed -nE 's/^rx-usecs:[[:space:]]*([0-9]+)$/\1/p' <<<"$text")"
	text=$(tool -k "$interface")
	for key in rx-vlan-offload tx-vlan-offload; do
		note "$key" "$(sed -nE "s/^$key: (on|off)\$/\\1/p" <<<"$text")" # not what is [fixed]
	done
	mapfile -t irqs < <(queue_irqs)
	for key in "${!irqs[@]}"; do
		note "irq-$key" "$(cat "$system/proc/irq/${irqs[key]}/smp_affinity_list")"
	done
}

print_settings() {
	local key
	for key in "${!now[@]}"; do
		printf '%s %s\n' "$key" "${now[$key]}"
	done | sort -V
}

# --- Changing it ----------------------------------------------------------------------------------------------------

fail() {
	say "$@"
	status=1
}

pass_over() {
	say "passed over: $*"
	[ "$status" -ne 0 ] || status=3
}

# Runs a command that changes something, and says which; a failure is in the status, and in refused.
run() {
	local error
	refused=
	echo "${dry_run:+would run: }$*"
	[ -z "$dry_run" ] || return 0
	error=$(LC_ALL=C "$@" 2>&1) || {
		refused=$(tr '\n' ' ' <<<"$error" | sed 's/ *$//')
		if [[ $refused == *'not supported'* ]]; then
			pass_over "$*: the driver cannot do it ($refused)"
		else
			fail "'$*' failed: $refused; the driver does not do it now, as when the interface is in use"
		fi
	}
}

# differs KEY: whether it is wanted, is there, and is another than now.
differs() { [ -n "${want[$1]:-}" ] && [ -n "${now[$1]:-}" ] && [ "${want[$1]}" != "${now[$1]}" ]; }

# The table that spreads packets evenly over so many queues, as the driver's table is long.
even_table() {
	local i size table=()
	size=$(wc -w <<<"${now[rss-table]}")
	for ((i = 0; i < size; i++)); do
		table+=($((i % $1)))
	done
	echo "${table[*]}"
}

# ethtool sets a table as even over the first queues, or by each queue's weight, which puts the queues in order.
table_is_settable() {
	[ "$1" = "$(tr ' ' '\n' <<<"$1" | sort -n | xargs)" ] || [ "$1" = "$(even_table $(($(highest "$1") + 1)))" ]
}

# The last queue that a table names.
highest() { tr ' ' '\n' <<<"$1" | sort -n | tail -n 1; }

set_table() {
	local queue table counts=() queues
	queues=$(($(highest "$1") + 1))
	if [ "$1" != "$(even_table "$queues")" ]; then
		read -ra table <<<"$1"
		for ((queue = 0; queue < queues; queue++)); do
			counts[queue]=0
		done
		for queue in "${table[@]}"; do
			counts[queue]=$((counts[queue] + 1))
		done
		run ethtool -X "$interface" weight "${counts[@]}"
	elif [ "$queues" -eq "${now[channels-combined]:-${now[channels-rx]:-0}}" ]; then
		run ethtool -X "$interface" default # the same, but it grows and shrinks with the queues
	else
		run ethtool -X "$interface" equal "$queues"
	fi
}

# A table may name only queues that there are: so it is narrowed before queues become fewer.
step_queues() {
	local key name fewest='' narrowed='' arguments=()
	for key in channels-combined channels-rx channels-tx; do
		differs "$key" || continue
		name=${key#channels-}
		arguments+=("$name" "${want[$key]}")
		[ "$name" = tx ] || fewest=${want[$key]}
	done
	if [ ${#arguments[@]} -gt 0 ]; then
		if [ -n "$fewest" ] && [ -n "${now[rss-table]:-}" ] && [ "$fewest" -le "$(highest "${now[rss-table]}")" ]; then
			narrowed=yes
			run ethtool -X "$interface" equal "$fewest"
		fi
		run ethtool -L "$interface" "${arguments[@]}"
		if [ -z "$dry_run" ]; then
			read_settings # the driver may have made a table of its own, and has made new interrupts
		else
			for key in channels-combined channels-rx channels-tx; do
				[ -z "${now[$key]:-}" ] || now[$key]=${want[$key]:-${now[$key]}}
			done
		fi
	fi
	if [ -n "${want[rss-table]:-}" ] && { differs rss-table || [ -n "$narrowed" ]; }; then
		set_table "${want[rss-table]}"
	fi
}

step_rings() {
	local key arguments=()
	for key in ring-rx ring-tx; do
		if differs "$key"; then
			arguments+=("${key#ring-}" "${want[$key]}")
		fi
	done
	[ ${#arguments[@]} -eq 0 ] || run ethtool -G "$interface" "${arguments[@]}"
}

step_rss_key() {
	local arguments=()
	if differs rss-key; then
		arguments+=(hkey "${want[rss-key]}")
	fi
	if differs rss-function; then
		arguments+=(hfunc "${want[rss-function]}")
	fi
	if differs rss-xfrm; then
		arguments+=(xfrm "${want[rss-xfrm]}")
	fi
	[ ${#arguments[@]} -eq 0 ] || run ethtool -X "$interface" "${arguments[@]}"
}

step_rss_fields() {
	local kind
	for kind in "${kinds[@]}"; do
		if differs "hash-$kind"; then
			run ethtool -N "$interface" rx-flow-hash "$kind" "${want[hash-$kind]}"
		fi
	done
}

# A fixed time can be set only while the driver does not choose it itself.
step_coalescing() {
	if differs adaptive-rx && [ "${want[adaptive-rx]}" = off ]; then
		run ethtool -C "$interface" adaptive-rx off
	fi
	if differs rx-usecs; then
		run ethtool -C "$interface" rx-usecs "${want[rx-usecs]}"
	fi
	if differs adaptive-rx && [ "${want[adaptive-rx]}" = on ]; then
		run ethtool -C "$interface" adaptive-rx on
	fi
}

step_offloads() {
	local key
	for key in rx-vlan-offload tx-vlan-offload; do
		if differs "$key"; then
			run ethtool -K "$interface" "$key" "${want[$key]}"
		fi
	done
}

# Last in both directions: whatever makes queues anew gives their interrupts affinities of its own.
step_irqs() {
	local key irq
	for key in $(printf '%s\n' "${!want[@]}" | sort -V); do
		if [[ $key != irq-* ]] || ! differs "$key"; then
			continue
		fi
		irq=${irqs[${key#irq-}]}
		echo "${dry_run:+would run: }echo ${want[$key]} > /proc/irq/$irq/smp_affinity_list"
		[ -z "$dry_run" ] || continue
		# bash tells of a failed write by its exit status alone when stderr is shut.
		(echo "${want[$key]}" >"$system/proc/irq/$irq/smp_affinity_list") 2>/dev/null ||
			fail "setting the cores of interrupt $irq to ${want[$key]} failed: the kernel does not move it, or a core is not online"
	done
}

# --- The state file: lines of "KEY VALUE", never executed ------------------------------------------------------------

check_state_file() {
	if [ -L "$state_file" ] || [ ! -f "$state_file" ] || [ "$(stat -c '%u:%a' "$state_file")" != 0:600 ]; then
		die "$state_file is no plain file of root's with mode 600, so it is not trusted: look at it, and remove it"
	fi
}

save_state() {
	local temporary
	if [ -e "$state_file" ] || [ -L "$state_file" ]; then
		check_state_file
		if [ "$(sed -n 's/^address //p' "$state_file")" = "${now[address]:-}" ]; then
			say "keeping $state_file, which has what was there before an earlier apply"
			return 0
		fi
		say "replacing $state_file: it is of an interface with another address, which has gone"
	fi
	[ -e "$state_directory" ] || mkdir -m 0700 "$state_directory" || die "making $state_directory failed: see above"
	if [ -L "$state_directory" ] || [ "$(stat -c %u "$state_directory")" != 0 ]; then
		die "$state_directory is not a directory of root's, so it is not trusted: look at it, and remove it"
	fi
	temporary=$(mktemp "$state_directory/.tune-XXXXXX") || die "writing to $state_directory failed: see above"
	print_settings >"$temporary" || die "writing $temporary failed: see above"
	mv -T "$temporary" "$state_file"
}

load_state() {
	local line key value
	[ -e "$state_file" ] || [ -L "$state_file" ] || die "there is nothing to restore: $state_file is not there, as 'apply' has not been run since the last restore"
	check_state_file
	while IFS= read -r line; do
		key=${line%% *}
		value=${line#* }
		case $key in
			address) [[ $value =~ ^[0-9a-f:]+$ ]] ;;
			ring-?x | channels-combined | channels-?x | rx-usecs) [[ $value =~ ^[0-9]{1,9}$ ]] ;;
			rss-table) [[ $value =~ ^[0-9]{1,5}(\ [0-9]{1,5})*$ ]] ;;
			rss-key) [[ $value =~ ^[0-9a-f]{2}(:[0-9a-f]{2})*$ ]] ;;
			rss-function | rss-xfrm | hash-[tu][cd]p[46]) [[ $value =~ ^[a-z0-9][a-z0-9-]*$ ]] ;;
			adaptive-rx | ?x-vlan-offload) [[ $value =~ ^(on|off)$ ]] ;;
			irq-*) [[ $key =~ ^irq-[0-9]{1,9}$ && $value =~ ^[0-9,-]+$ ]] ;;
			*) false ;;
		esac || die "$state_file is damaged, nothing was changed: there is a line '$(tr -dc '[:print:]' <<<"$line")'"
		want[$key]=$value
	done <"$state_file"
	[ "${want[address]:-}" = "${now[address]:-}" ] ||
		die "the address of $interface was '${want[address]:-}' when $state_file was made, and is '${now[address]:-}', so nothing was changed: set that address again, or, if this is another interface, remove the file"
}

# --- What is asked for ----------------------------------------------------------------------------------------------

# Sets the array cores to what a list as 0-3,5 names; fails on any other text.
expand_cores() {
	local part
	cores=()
	[[ $1 =~ ^[0-9]{1,4}(-[0-9]{1,4})?(,[0-9]{1,4}(-[0-9]{1,4})?)*$ ]] || return 1
	for part in ${1//,/ }; do
		[ "$((10#${part%-*}))" -le "$((10#${part#*-}))" ] || return 1
		mapfile -t -O ${#cores[@]} cores < <(seq "$((10#${part%-*}))" "$((10#${part#*-}))")
	done
}

# Fills in what is wanted for xdptop, and says what the driver cannot do.
want_tuned() {
	local kind key queues without=()
	if [ -z "${now[channels-combined]:-}${now[channels-rx]:-}" ]; then
		pass_over "queues: the driver has no setting"
	elif [ -n "${now[rss-table]:-}" ] && ! table_is_settable "${now[rss-table]}"; then
		pass_over "queues: ethtool could not restore the RSS table that is in force"
	else
		queues=$workers
		for key in channels-combined channels-rx; do
			[ -n "${now[$key]:-}" ] || continue
			[ "$queues" -le "${most[$key]}" ] || queues=${most[$key]}
			want[$key]=$queues
		done
		[ "$queues" -eq "$workers" ] || [ -z "$asked_workers" ] || pass_over "$workers workers: the driver has no more than $queues queues"
		[ -z "${now[rss-table]:-}" ] || want[rss-table]=$(even_table "$queues")
	fi
	for key in ring-rx ring-tx; do
		[ -z "${now[$key]:-}" ] || want[$key]=${most[$key]}
	done
	[ -n "${now[ring-rx]:-}" ] || pass_over "rings: the driver has no setting"
	if [ -n "${now[rss-key]:-}" ]; then
		if [ "${now[rss-xfrm]:-none}" = none ]; then
			want[rss-key]=$(sed -E 's/[0-9a-f]{2}:[0-9a-f]{2}/6d:5a/g; s/:[0-9a-f]{2}$/:5a/' <<<"${now[rss-key]}")
			[ -z "${now[rss-function]:-}" ] || want[rss-function]=toeplitz
		fi
	elif [ -n "${now[rss-xfrm]:-}" ]; then
		[ "${now[rss-xfrm]}" != none ] || want[rss-xfrm]=symmetric-xor
	else
		pass_over "symmetric RSS: the driver has no key to set"
	fi
	for kind in "${kinds[@]}"; do
		if [ -n "${now[hash-$kind]:-}" ]; then
			want[hash-$kind]=sdfn
		else
			without+=("$kind")
		fi
	done
	[ ${#without[@]} -eq 0 ] || pass_over "RSS over ports of ${without[*]}: the driver has no setting, or none that could be restored"
	[ -z "${now[adaptive-rx]:-}" ] || want[adaptive-rx]=off
	if [ -n "${now[rx-usecs]:-}" ]; then
		want[rx-usecs]=$rx_usecs
	else
		pass_over "coalescing: the driver has no setting"
	fi
	for key in rx-vlan-offload tx-vlan-offload; do
		if [ -n "${now[$key]:-}" ]; then
			want[$key]=off
		elif ! tool -k "$interface" | grep -q "^$key: off"; then
			pass_over "$key: the driver cannot switch it off"
		fi
	done
}

# Queue after queue gets the next core. After the queues are as wanted: their interrupts may be new.
want_irqs() {
	local i
	if [ ${#irqs[@]} -eq 0 ]; then
		pass_over "interrupts: the interface's queues have none of their own"
		return 0
	fi
	for i in "${!irqs[@]}"; do
		want[irq-$i]=${cores[i % ${#cores[@]}]}
	done
	if grep -qsx irqbalance "$system"/proc/[0-9]*/comm; then
		say "irqbalance runs and may move these interrupts again: stop it (systemctl stop irqbalance), or give it ${irqs[*]/#/--banirq=}"
	fi
}

apply() {
	local status_before
	want_tuned
	[ -n "$dry_run" ] || save_state
	step_queues
	step_rings
	status_before=$status
	refused=
	step_rss_key
	# A driver that keeps its key may be able to make source and destination one before it hashes.
	if [ -n "$refused" ] && [ "${now[rss-xfrm]:-}" = none ]; then
		say "trying symmetric-xor in place of a symmetric key"
		status=$status_before
		run ethtool -X "$interface" xfrm symmetric-xor
	fi
	step_rss_fields
	step_coalescing
	step_offloads
	[ -n "$dry_run" ] || read_settings
	want_irqs
	step_irqs
}

# The steps of apply from last to first, but for the interrupts (see step_irqs).
restore() {
	local key
	load_state
	step_offloads
	step_coalescing
	step_rss_fields
	step_rss_key
	step_rings
	step_queues
	[ -n "$dry_run" ] || read_settings
	step_irqs
	[ -z "$dry_run" ] || return 0
	read_settings
	for key in $(printf '%s\n' "${!want[@]}" | sort -V); do
		# While the driver chooses the time, it changes.
		[ "$key" != rx-usecs ] || [ "${want[adaptive-rx]:-off}" = off ] || continue
		[ "${want[$key]}" = "${now[$key]:-}" ] || fail "$key was '${want[$key]}' and could not be restored: it is '${now[$key]:-}'"
	done
	if [ "$status" -ne 0 ]; then
		say "keeping $state_file, so that restore can be tried again"
		return 0
	fi
	rm -f "$state_file"
}

# --- Arguments ------------------------------------------------------------------------------------------------------

words=()
asked_workers=
asked_cpus=
while [ $# -gt 0 ]; do
	case $1 in
		-h | --help)
			usage
			exit 0
			;;
		--dry-run) dry_run=yes ;;
		--workers | --cpus)
			[ $# -ge 2 ] || refuse "$1 needs a value"
			if [ "$1" = --workers ]; then asked_workers=$2; else asked_cpus=$2; fi
			shift
			;;
		-*) refuse "there is no option '$1'" ;;
		*) words+=("$1") ;;
	esac
	shift
done
[ ${#words[@]} -eq 2 ] || refuse "give an interface, and apply, restore or show"
interface=${words[0]}
action=${words[1]}
[[ $action =~ ^(apply|restore|show)$ ]] || refuse "'$action' is not apply, restore or show"
[[ -z $asked_workers || $asked_workers =~ ^[1-9][0-9]{0,3}$ ]] || refuse "'$asked_workers' is no number for --workers: give 1 to 9999"
cores=()
if [ -n "$asked_cpus" ]; then
	expand_cores "$asked_cpus" || refuse "'$asked_cpus' is no list for --cpus: give cores as 0-3,5"
fi
[[ $interface != */* && $interface != . && $interface != .. && -e $system/sys/class/net/$interface/ifindex ]] ||
	die "there is no interface '$interface': see 'ip link'"
command -v ethtool >/dev/null || die "ethtool is missing: install it (apt-get install ethtool)"
if [ "$action$dry_run" != applyyes ] && [ "$action" != show ] && [ "$(id -u)" -ne 0 ]; then
	say "changing an interface, and reading what it was before, needs root: run it with sudo"
	exit 77
fi
if [ ${#cores[@]} -eq 0 ]; then
	expand_cores "$(<"$system/sys/devices/system/cpu/online")" || die "the list of cores that are online makes no sense: give --cpus"
fi
workers=${asked_workers:-${#cores[@]}}
# By number, as a name may change; each network namespace has its own.
state_file=$state_directory/tune-$(readlink /proc/self/ns/net | tr -dc '0-9')-$(<"$system/sys/class/net/$interface/ifindex")

read_settings
case $action in
	apply) apply ;;
	restore) restore ;;
	show)
		print_settings
		[ ! -e "$state_file" ] || say "$state_file has what was there before apply: 'restore' brings it back"
		;;
esac
exit "$status"
