# Sourced by the other scripts: where the project is, and how to get what it is built with.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
# No build servers: nothing of root's is left running.
export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false

# What building takes: clang compiles the BPF programs against libbpf's headers and, with zlib, links the program,
# which loads libbpf.so.1 as it runs.
# shellcheck disable=SC2034 # used by the scripts that source this
build_packages=(clang libbpf1 libbpf-dev zlib1g-dev)

say() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; }

die() {
	say "$@"
	exit 1
}

# Installs those of the Debian packages named that are missing. Touches nothing, and needs no root, when all are there.
install_missing() {
	local package missing=() attempt
	if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
		say "this system has no apt-get: install by hand what these Debian packages hold, where it is missing: $*"
		return 0
	fi
	for package in "$@"; do
		[ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	[ "$(id -u)" -eq 0 ] || die "these packages are missing: ${missing[*]}; run this with sudo, or: sudo apt-get install ${missing[*]}"
	say "installing ${missing[*]} by apt-get"
	export DEBIAN_FRONTEND=noninteractive
	# Another apt-get may hold the locks: DPkg::Lock::Timeout waits for dpkg's, and trying again for that of the lists.
	for attempt in 1 2 3 4 5 6; do
		if apt-get -qq update >&2; then
			break
		fi
		[ "$attempt" -lt 6 ] || say "apt-get update failed; going on with the package lists that are there"
		sleep 5
	done
	apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "${missing[@]}" >&2 ||
		die "apt-get could not install ${missing[*]}: see above; then try again"
}

# Sets $dotnet to a .NET SDK that can build this (global.json says which). sudo drops the user's PATH: so look around.
find_dotnet() {
	local candidate user_home
	user_home=$(getent passwd "${SUDO_USER:-root}" | cut -d: -f6)
	for candidate in "$(command -v dotnet)" "${DOTNET_ROOT:-}/dotnet" "${HOME:-}/.dotnet/dotnet" "$user_home/.dotnet/dotnet" \
		/usr/bin/dotnet /usr/share/dotnet/dotnet /usr/lib/dotnet/dotnet /usr/local/bin/dotnet \
		/usr/local/share/dotnet/dotnet /opt/dotnet/dotnet /snap/bin/dotnet; do
		if [ -x "$candidate" ] && (cd "$root" && "$candidate" --version) >/dev/null 2>&1; then
			dotnet=$candidate
			return 0
		fi
	done
	die "no .NET SDK 10 was found; install it (https://dotnet.microsoft.com/download/dotnet/10.0, or the package dotnet-sdk-10.0) and have 'dotnet' in the PATH or in ~/.dotnet"
}

# Makes build/xdptop, the native program, unless it is newer than all of its sources.
publish() {
	local program=$root/build/xdptop
	if [ -x "$program" ] && [ -z "$(find "$root/XdpTop" "$root/bpf" "$root"/Directory.*.props "$root/global.json" \
		\( -name obj -o -name bin \) -prune -o -type f -newer "$program" -print -quit)" ]; then
		return 0
	fi
	find_dotnet
	say "building $program (half a minute or so)"
	"$dotnet" publish "$root/XdpTop" -c Release -o "$root/build" -v quiet >&2 || die "the build failed: see above"
	touch "$program" # as new as its sources even where nothing had to be compiled
}
