// SPDX-License-Identifier: MIT OR GPL-2.0-only
// The redirect mode's XDP program: every frame of an RX queue that has an AF_XDP socket goes to that socket, every
// other frame goes on to the host.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

// One AF_XDP socket per RX queue; user space sets max_entries to the interface's number of queues before loading.
struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u32);
} xsks SEC(".maps");

// Frames seen by the program, by where they went; a C# twin reads them (Capture/XdpProgram.cs).
enum counter {
	COUNTER_REDIRECTED, // handed to an AF_XDP socket (which may still drop them: XDP_STATISTICS tells)
	COUNTER_PASSED,     // their queue has no socket: left to the host
	COUNTER_COUNT,
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, COUNTER_COUNT);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

static __always_inline void count(__u32 which)
{
	__u64 *value = bpf_map_lookup_elem(&counters, &which);
	if (value)
		*value += 1; // per CPU, and XDP programs are not preempted by others on their CPU
}

SEC("xdp")
int xdptop_redirect(struct xdp_md *ctx)
{
	__u32 queue = ctx->rx_queue_index;

	// The look-up costs a few nanoseconds and tells the two outcomes apart, which the fall-back action alone,
	// given in the flags of bpf_redirect_map, would not.
	if (bpf_map_lookup_elem(&xsks, &queue)) {
		count(COUNTER_REDIRECTED);
		return bpf_redirect_map(&xsks, queue, XDP_PASS);
	}
	count(COUNTER_PASSED);
	return XDP_PASS;
}
