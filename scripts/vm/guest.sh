# Sourced by vm-zero-copy.sh: a guest with two processors, and a network interface of two queues whose other end is the
# tap device "tap0". It works in the directory that it is in.
# shellcheck shell=bash

# A line of the guest that does not come for so many seconds does not come at all.
patience=60

# Makes a file system of busybox, the programs and the libraries that they load, and the kernel's modules.
make_initramfs() {
	local kernel=$1 library libraries programs
	programs=("$root/build/xdptop" "$(command -v ip)" "$(command -v tc)" "$(command -v ethtool)")
	rm -rf files
	mkdir -p files/{bin,programs,dev,proc,sys,tmp}
	cp "$(command -v busybox)" files/bin/busybox
	cp "$root/scripts/vm/init" files/init
	chmod +x files/init
	cp -L "${programs[@]}" files/programs/
	cp -r "$kernel/modules" files/
	# xdptop loads libbpf as it runs: ldd does not see it.
	library=$(ldconfig -p | sed -n 's/.*libbpf\.so\.1 .*x86-64.* => //p' | head -n 1)
	libraries=$(ldd "${programs[@]}" "$library" | grep -oE '/[^ :]+\.so[^ :]*' | sort -u)
	for library in $libraries; do
		mkdir -p "files$(dirname "$library")"
		cp -L "$library" "files$library"
	done
	(cd files && find . | cpio --quiet -o -H newc) >initramfs
}

# Without KVM, which a virtual machine has seldom. The offloads are those that virtio_net does not have XDP with; DMA by
# the device's own addresses (iommu_platform) is what zero-copy takes.
boot() {
	local kernel=$1
	rm -f line.in line.out
	mkfifo line.in line.out
	exec {to_guest}<>line.in {from_guest}<>line.out
	qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 1024 -nodefaults -display none -no-reboot \
		-kernel "$kernel/vmlinuz" -initrd initramfs -append "console=ttyS0 panic=-1 quiet net.ifnames=0" \
		-serial file:console -serial pipe:line \
		-netdev tap,id=net,ifname=tap0,script=no,downscript=no,vhost=off,queues=2 \
		-device virtio-net-pci,netdev=net,mq=on,vectors=6,guest_tso4=off,guest_tso6=off,guest_ecn=off,guest_ufo=off,iommu_platform=on,disable-legacy=on \
		>qemu.log 2>&1 &
	qemu=$!
	hear
}

# Prints what the guest says up to its next exit status, and returns that. Ends the script if it says nothing.
hear() {
	local line
	while IFS= read -r -t "$patience" -u "$from_guest" line; do
		case $line in
			=*=)
				line=${line//=/}
				return "$line"
				;;
		esac
		printf '%s\n' "$line"
	done
	say "the guest has said nothing for $patience s; its console: $(tail -n 5 console qemu.log 2>&1)"
	kill -TERM $$ # all is over, also where this is called in a subshell
	exit 124
}

# Runs a command in the guest.
guest() {
	printf '%s\n' "$*" >&"$to_guest"
	hear
}

shut_down() {
	kill "$qemu"
	wait "$qemu" || true
	exec {to_guest}>&- {from_guest}>&-
}
