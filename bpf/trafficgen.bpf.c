// SPDX-License-Identifier: MIT OR GPL-2.0-only
// Made-up traffic, for the demo and for measuring: run by bpf_prog_test_run_opts with BPF_F_TEST_XDP_LIVE_FRAMES, each
// program writes one frame and sends it out of an interface. The frames are recycled, so all headers are written anew
// for every packet; what follows them stays as user space gave it.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "frame.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

// What to send. A C# twin writes it (Capture/TrafficGenerator.cs).
struct settings {
	__u32 ifindex;      // where to send out of
	__u32 flows;        // flows, or conversations, at any time for each sending CPU
	__u32 ipv6_percent; // of the conversations, each
	__u32 vlan_percent;
	__u32 udp_percent;
	__u32 icmp_percent;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct settings);
} settings SEC(".maps");

// Each sending CPU's own. A C# twin reads it.
struct state {
	__u64 sent;   // packets handed over to the interface
	__u32 next;   // send_known: the next packet's flow
	__u32 random; // send_mix: xorshift32's state, 0 before the first packet
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct state);
} state SEC(".maps");

// send_mix: the conversations of each sending CPU; user space sets max_entries to settings.flows.
struct conversation {
	__u32 generation; // how many there were in this place before
	__u32 sent;       // packets of this one so far
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct conversation);
} conversations SEC(".maps");

// Packet i of a CPU belongs to its flow i % flows: UDP from 10.0.0.0 + flow, port 1024 + (flow & 0x7fff), to
// 192.168.255.CPU, port 9 (discard). The frames are as long as user space makes them.
SEC("xdp")
int send_known(struct xdp_md *ctx)
{
	__u32 zero = 0;
	struct settings *set = bpf_map_lookup_elem(&settings, &zero);
	struct state *own = bpf_map_lookup_elem(&state, &zero);
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;

	if (!set || !own || data + ETH_HLEN + sizeof(struct iphdr) + sizeof(struct udphdr) > end)
		return XDP_ABORTED;

	__u32 flow = own->next;
	own->next = flow + 1 < set->flows ? flow + 1 : 0;

	struct packet p = {
		.source = { bpf_htonl(0x0a000000 + flow) },
		.destination = { bpf_htonl(0xc0a8ff00 + bpf_get_smp_processor_id()) },
		.source_port = 1024 + (flow & 0x7fff),
		.destination_port = 9,
		.octets = end - data,
		.protocol = IPPROTO_UDP,
		.ttl = 64,
	};
	fill(data, &p);
	own->sent++;
	return bpf_redirect(set->ifindex, 0);
}

static __always_inline __u32 next_random(struct state *own)
{
	__u32 x = own->random;

	if (!x)
		x = 0x9e3779b9u * (bpf_get_smp_processor_id() + 1);
	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	own->random = x;
	return x;
}

// Murmur3's finalizer: what a conversation is like follows from its place and generation alone.
static __always_inline __u32 mix(__u32 h)
{
	h ^= h >> 16;
	h *= 0x85ebca6b;
	h ^= h >> 13;
	h *= 0xc2b2ae35;
	h ^= h >> 16;
	return h;
}

static __always_inline __u16 tcp_port(__u32 h)
{
	switch (h & 15) {
	case 0: case 1: return 80;
	case 2: return 22;
	case 3: return 5432;
	case 4: return 993;
	case 5: return 8080;
	case 6: return 445;
	default: return 443;
	}
}

static __always_inline __u16 udp_port(__u32 h)
{
	switch (h & 7) {
	case 0: return 123;
	case 1: case 2: return 443; // QUIC
	case 3: return 51820;       // WireGuard
	case 4: return 5060;
	default: return 53;
	}
}

// Client and server of a conversation, in private and in documentation networks (RFC 1918, 5737, 3849).
static __always_inline void choose_addresses(struct packet *p, __u32 a, __u32 b)
{
	if (p->ipv6) {
		p->source[0] = p->destination[0] = bpf_htonl(0x20010db8);
		p->source[1] = bpf_htonl(0x00010000 + (a & 15));
		p->source[3] = bpf_htonl(0x10 + (a >> 4 & 255));
		p->destination[1] = bpf_htonl(0x00fe0000 + (b & 7));
		p->destination[3] = bpf_htonl(1 + (b >> 3 & 63));
		return;
	}
	p->source[0] = bpf_htonl(0x0a000000 | (a & 0x1f) << 8 | (1 + (a >> 8 & 127)));
	switch (b & 3) {
	case 0: p->destination[0] = bpf_htonl(0xc0a80a00 | (1 + (b >> 8 & 31))); break;  // 192.168.10.0/24
	case 1: p->destination[0] = bpf_htonl(0xc6336400 | (1 + (b >> 8 & 127))); break; // 198.51.100.0/24
	default: p->destination[0] = bpf_htonl(0xcb007100 | (1 + (b >> 8 & 127)));       // 203.0.113.0/24
	}
}

static __always_inline void turn_around(struct packet *p)
{
	__u16 port = p->source_port;

#pragma unroll
	for (int i = 0; i < 4; i++) {
		__be32 word = p->source[i];

		p->source[i] = p->destination[i];
		p->destination[i] = word;
	}
	p->source_port = p->destination_port;
	p->destination_port = port;
	p->ttl = 57;
}

// Conversations of clients and servers, in both directions: TCP from SYN to FIN and then another in its place, UDP,
// and echo. Some are busy, most are not. The frame that user space gives is as long as the longest packet.
SEC("xdp")
int send_mix(struct xdp_md *ctx)
{
	__u32 zero = 0;
	struct settings *set = bpf_map_lookup_elem(&settings, &zero);
	struct state *own = bpf_map_lookup_elem(&state, &zero);
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;

	if (!set || !own || data + MAXIMUM_HEADERS > end)
		return XDP_ABORTED;

	// The cube of a number in [0, 1) favours low ones: of 2,000 conversations the first has 8 % of the packets, the
	// first 20 have a fifth, and the last half share another fifth.
	__u32 random = next_random(own);
	__u64 u = random >> 16;
	__u32 place = (u * u * u >> 24) * set->flows >> 24;
	struct conversation *c = bpf_map_lookup_elem(&conversations, &place);
	if (!c)
		return XDP_ABORTED;

	__u32 h = mix(mix(place + 1) + c->generation * 0x9e3779b9u + (bpf_get_smp_processor_id() << 24));
	__u32 h2 = mix(h);
	__u32 kind = h % 100;
	__u32 length = place < set->flows >> 6 ? 1 << 18 : 16u << (h2 % 9); // packets
	__u32 sent = c->sent++;
	struct packet p = { .ttl = 64, .sequence = sent };
	int back = random & 1; // which of the two directions

	p.ipv6 = h2 % 100 < set->ipv6_percent;
	p.vlan = (h2 >> 8) % 100 < set->vlan_percent ? 10 * (1 + (h2 & 3)) : 0;
	choose_addresses(&p, h, h2);
	p.source_port = 32768 + (mix(h2) & 0x3fff);

	if (kind < set->icmp_percent) {
		p.protocol = p.ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
		p.octets = 98;
		if (p.ipv6)
			p.destination_port = (back ? ICMPV6_ECHO_REPLY : ICMPV6_ECHO_REQUEST) << 8;
		else
			p.destination_port = (back ? ICMP_ECHOREPLY : ICMP_ECHO) << 8;
		if (back) { // the type stays where it is, and so does the identifier
			__u16 type = p.destination_port, identifier = p.source_port;

			turn_around(&p);
			p.destination_port = type;
			p.source_port = identifier;
		}
	} else if (kind < set->icmp_percent + set->udp_percent) {
		p.protocol = IPPROTO_UDP;
		p.destination_port = udp_port(h);
		p.octets = p.destination_port == 443 && back ? 1292 : 80 + (h2 & 127);
		if (back)
			turn_around(&p);
	} else {
		int upload = (h & 0x300) == 0; // one in four sends more than it gets

		p.protocol = IPPROTO_TCP;
		p.destination_port = tcp_port(h >> 4);
		p.octets = 78;
		p.tcp_flags = TCP_ACK;
		if (sent < 2) { // SYN, then the answer
			back = sent;
			p.tcp_flags = sent ? TCP_SYN | TCP_ACK : TCP_SYN;
		} else if (sent + 2 >= length) { // FIN by the one, then by the other
			back = sent + 1 == length;
			p.tcp_flags = TCP_FIN | TCP_ACK;
		} else if (back != upload) { // the direction that the data goes
			p.octets = h & 0x400 ? 1514 : 400 + (h2 & 1023);
			p.tcp_flags = TCP_PSH | TCP_ACK;
		}
		if (back)
			turn_around(&p);
	}
	if (sent + 1 >= length) {
		c->generation++;
		c->sent = 0;
	}
	fill(data, &p);
	own->sent++;
	if (bpf_xdp_adjust_tail(ctx, (int)p.octets - (int)(end - data)))
		return XDP_ABORTED;
	return bpf_redirect(set->ifindex, 0);
}
