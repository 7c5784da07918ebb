// SPDX-License-Identifier: MIT OR GPL-2.0-only
// The tap mode's programs, for tcx or clsact hooks: each packet's first octets and what the kernel knows of it go into
// a BPF ring buffer, and the packet goes its way as if they were not there.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define CAPTURED 128 // octets of each packet
#define ADDRESSES (2 * ETH_ALEN)
#define VLAN_TAG 4

// One packet, or many in one skb (GSO, GRO). A C# twin reads it (Capture/TapSource.cs).
struct record {
	__u32 octets;         // of the skb, with the VLAN tag that stands beside it
	__u16 segments;       // gso_segs: packets that it is on the wire; 0 where it is one, or where the kernel has not said
	__u16 segment_octets; // gso_size: octets of payload in each of these but the last; 0 where it is one packet
	__u16 header_octets;  // of all headers, which each segment has on the wire; 0 where the kernel has not said
	__u16 captured;       // octets of data that are set
	__u32 direction;      // flowDirection
	__u8 data[CAPTURED];
};

enum { INGRESS, EGRESS }; // IPFIX's flowDirection

struct ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536); // user space makes the real ones, each as large as it likes
};

// A ring for each CPU and worker: no two CPUs write to the same one, unless the machine gets more of them meanwhile. Ring
// w * cpus + c has what CPU c sees of the flows of worker w. User space sets max_entries, before loading, and the rings.
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct ring);
} rings SEC(".maps");

// A C# twin writes it (Capture/TapProgram.cs).
struct settings {
	__u32 cpus;    // at least 1
	__u32 workers; // at least 1
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct settings);
} settings SEC(".maps");

// Of each worker, on a cache line of its own: whether it sleeps, and is to be woken by the next record. User space maps
// it and sets it; the program that wakes the worker clears it. User space sets max_entries to the number of workers.
struct sleeper {
	__u32 needs_wakeup;
	__u32 unused[15];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sleeper);
} sleepers SEC(".maps");

// Of each worker: packets that found no room in the ring. User space sets max_entries to the number of workers.
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} lost SEC(".maps");

// What is plain already, for the verifier: the compiler, which knows it, must not leave it out, nor make one of the two,
// nor say "not 0" for "at least 1", of which the verifiers of older kernels make nothing.
#define is_within(length, most) ({ \
	__u64 least = 1; \
	asm volatile("" : "+r"(length), "+r"(least)); \
	int at_most = (length) <= (most); \
	asm volatile("" : "+r"(length)); \
	at_most && (length) >= least; })

// A whole Ethernet frame: the tag that stands beside it goes to where it is on the wire. False if it cannot be read.
static __always_inline int copy_frame(struct __sk_buff *skb, struct record *r)
{
	__u32 octets = skb->len;
	__u64 captured = CAPTURED;

	r->octets = octets;
	if (skb->vlan_present) {
		__be16 *tag = (__be16 *)(r->data + ADDRESSES);

		tag[0] = skb->vlan_proto;
		tag[1] = bpf_htons(skb->vlan_tci);
		r->octets = octets + VLAN_TAG;
		if (bpf_skb_load_bytes(skb, 0, r->data, ADDRESSES))
			return 0;
		captured = octets - ADDRESSES; // not below 0: the addresses were there
		if (captured > CAPTURED - ADDRESSES - VLAN_TAG)
			captured = CAPTURED - ADDRESSES - VLAN_TAG;
		r->captured = captured + ADDRESSES + VLAN_TAG;
		if (!is_within(captured, CAPTURED - ADDRESSES - VLAN_TAG))
			return 0;
		return bpf_skb_load_bytes(skb, ADDRESSES, r->data + ADDRESSES + VLAN_TAG, captured) == 0;
	}
	if (octets < CAPTURED)
		captured = octets;
	r->captured = captured;
	if (!is_within(captured, CAPTURED))
		return 0;
	return bpf_skb_load_bytes(skb, 0, r->data, captured) == 0;
}

// An IP packet of an interface that has no Ethernet header (tun, WireGuard, tunnels). What stands before the IP header
// depends on the driver and the direction, and is left out. What is not IP gets one octet of 0, which is no IP version.
static __always_inline int copy_packet(struct __sk_buff *skb, struct record *r)
{
	__u32 octets = skb->len, length = 0;
	__u64 captured;

	r->octets = octets;
	r->captured = 1;
	r->data[0] = 0;
	if (skb->protocol == bpf_htons(ETH_P_IP)) {
		captured = sizeof(struct iphdr);
		if (bpf_skb_load_bytes_relative(skb, 0, r->data, sizeof(struct iphdr), BPF_HDR_START_NET))
			return 1;
		length = bpf_ntohs(((struct iphdr *)r->data)->tot_len);
	} else if (skb->protocol == bpf_htons(ETH_P_IPV6)) {
		captured = sizeof(struct ipv6hdr);
		if (bpf_skb_load_bytes_relative(skb, 0, r->data, sizeof(struct ipv6hdr), BPF_HDR_START_NET))
			return 1;
		length = bpf_ntohs(((struct ipv6hdr *)r->data)->payload_len);
		if (length)
			length += sizeof(struct ipv6hdr);
	} else {
		return 1;
	}
	r->captured = captured; // at the least, if what follows cannot be read
	if (length && length < octets)
		r->octets = octets = length;
	captured = octets < CAPTURED ? octets : CAPTURED;
	if (!is_within(captured, CAPTURED))
		return 1;
	if (bpf_skb_load_bytes_relative(skb, 0, r->data, captured, BPF_HDR_START_NET) == 0)
		r->captured = captured;
	return 1;
}

static __always_inline void count_lost(__u32 worker, struct __sk_buff *skb)
{
	__u64 *value = bpf_map_lookup_elem(&lost, &worker);

	if (value)
		__sync_fetch_and_add(value, skb->gso_segs ? skb->gso_segs : 1);
}

static __always_inline int tap(struct __sk_buff *skb, __u32 direction, int has_frame)
{
	__u32 zero = 0, worker = 0;
	struct settings *set = bpf_map_lookup_elem(&settings, &zero);
	struct sleeper *sleeper;
	struct record *r;
	__u64 flags = BPF_RB_NO_WAKEUP;
	void *ring;

	if (!set)
		return TC_ACT_UNSPEC;
	// By the flow, not by the CPU alone: all packets of a flow go to the worker that has its record.
	if (set->workers > 1)
		worker = (__u64)bpf_get_hash_recalc(skb) * set->workers >> 32;
	__u32 index = worker * set->cpus + bpf_get_smp_processor_id() % set->cpus;

	ring = bpf_map_lookup_elem(&rings, &index);
	r = ring ? bpf_ringbuf_reserve(ring, sizeof(*r), 0) : NULL;
	if (!r) {
		count_lost(worker, skb);
		return TC_ACT_UNSPEC;
	}
	if (!(has_frame ? copy_frame(skb, r) : copy_packet(skb, r))) {
		bpf_ringbuf_discard(r, BPF_RB_NO_WAKEUP);
		count_lost(worker, skb);
		return TC_ACT_UNSPEC;
	}
	__u32 octets = skb->len, on_wire = skb->wire_len, segments = skb->gso_segs;

	r->direction = direction;
	r->segments = segments;
	r->segment_octets = skb->gso_size;
	r->header_octets = 0;
	// On its way out the kernel has added up the headers of all segments (qdisc_pkt_len_init), but for the tag.
	if (segments > 1 && on_wire > octets)
		r->header_octets = (on_wire - octets) / (segments - 1) + (r->octets > octets ? VLAN_TAG : 0);
	sleeper = bpf_map_lookup_elem(&sleepers, &worker);
	if (sleeper && sleeper->needs_wakeup) {
		sleeper->needs_wakeup = 0;
		flags = BPF_RB_FORCE_WAKEUP;
	}
	bpf_ringbuf_submit(r, flags);
	return TC_ACT_UNSPEC; // TCX_NEXT: the other programs of the hook have their turn
}

SEC("tc")
int xdptop_in(struct __sk_buff *skb)
{
	return tap(skb, INGRESS, 1);
}

SEC("tc")
int xdptop_out(struct __sk_buff *skb)
{
	return tap(skb, EGRESS, 1);
}

SEC("tc")
int xdptop_in_ip(struct __sk_buff *skb)
{
	return tap(skb, INGRESS, 0);
}

SEC("tc")
int xdptop_out_ip(struct __sk_buff *skb)
{
	return tap(skb, EGRESS, 0);
}
