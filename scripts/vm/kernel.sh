# Sourced by vm-zero-copy.sh: kernels of Debian's, for guests.
# shellcheck shell=bash

keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# What the guest needs of them: its network interface, and clsact with filters by BPF.
kernel_modules=(virtio_pci virtio_net sch_ingress cls_bpf)

# Has a suite's cloud kernel in the cache: vmlinuz, and modules/ with the modules in the order in which they load.
fetch_kernel() {
	local suite=$1 kernel=$cache/$1 mirror work release module file n=10
	[ ! -e "$kernel/vmlinuz" ] || return 0
	mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' 2>/dev/null | head -n 1)
	[ -n "$mirror" ] || die "apt's sources name no mirror of Debian's, which has the kernels: add one to /etc/apt/sources.list"
	say "fetching a kernel of Debian $suite from $mirror"
	work=$(mktemp -d "$cache/.XXXXXX")
	mkdir -p "$work/lists/partial" "$work/archives/partial" "$work/unpacked" "$work/kernel/modules"
	# An apt of its own: the system's sources, lists and packages stay as they are.
	echo "deb [arch=amd64 signed-by=$keyring] $mirror $suite main" >"$work/sources.list"
	cat >"$work/apt.conf" <<-END
		Dir::Etc::SourceList "$work/sources.list";
		Dir::Etc::SourceParts "-";
		Dir::State::Lists "$work/lists";
		Dir::State::status "/dev/null";
		Dir::Cache "$work";
		Acquire::Languages "none";
		Acquire::http::Timeout "30";
		APT::Architecture "amd64";
		APT::Sandbox::User "root";
	END
	if ! (
		export APT_CONFIG=$work/apt.conf
		cd "$work" &&
			timeout 120 apt-get -qq --error-on=any update &&
			apt-cache depends --recurse --important -i linux-image-cloud-amd64 |
			grep -E '^linux-(image|binary|modules)-[0-9].*-cloud-amd64$' | timeout 300 xargs apt-get -qq download &&
			for file in ./*.deb; do
				dpkg -x "$file" unpacked || exit
			done
	) >"$work/log" 2>&1; then
		cat "$work/log" >&2
		rm -rf "$work"
		die "the kernel of Debian $suite could not be had from $mirror: see above; is there a way to that mirror?"
	fi
	[ ! -d "$work/unpacked/lib" ] || cp -rl "$work/unpacked/lib" "$work/unpacked/usr/"
	release=$(basename "$work"/unpacked/usr/lib/modules/*)
	cp "$(find "$work/unpacked" -name 'vmlinuz*' | head -n 1)" "$work/kernel/vmlinuz"
	depmod -b "$work/unpacked/usr" "$release" 2>/dev/null
	while read -r _ module _; do
		n=$((n + 1))
		file=$work/kernel/modules/$n-$(basename "${module%.xz}")
		case $module in
			*.xz) xz -dc "$module" >"$file" ;;
			*) cp "$module" "$file" ;;
		esac
	done < <(modprobe -d "$work/unpacked/usr" -S "$release" -a --show-depends "${kernel_modules[@]}" 2>/dev/null | grep '^insmod' | awk '!seen[$0]++')
	compgen -G "$work/kernel/modules/*-virtio_net.ko" >/dev/null || die "the kernel of Debian $suite has no module virtio_net: look into $work"
	mv -T "$work/kernel" "$kernel" 2>/dev/null || [ -e "$kernel/vmlinuz" ] # another run may have been faster
	rm -rf "$work"
}
