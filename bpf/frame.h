// SPDX-License-Identifier: MIT OR GPL-2.0-only
// Writes the headers of a made-up frame: Ethernet, a VLAN tag, IPv4 or IPv6, and TCP, UDP or echo.
#pragma once
#include <linux/types.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

// A packet's fields that differ between packets; addresses in network order.
struct packet {
	__be32 source[4];
	__be32 destination[4]; // IPv4: the first of the four
	__u16 source_port;
	__u16 destination_port;
	__u32 sequence;
	__u32 octets; // of the whole frame
	__u16 vlan;   // 0: untagged
	__u8 ipv6;
	__u8 protocol;
	__u8 tcp_flags;
	__u8 ttl;
};

#define VLAN_TAG_OCTETS 4
#define ETHERTYPE_VLAN 0x8100
#define ICMP_ECHO 8
#define ICMP_ECHOREPLY 0
#define ICMPV6_ECHO_REQUEST 128
#define ICMPV6_ECHO_REPLY 129
#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_PSH 0x08
#define TCP_ACK 0x10

#define MAXIMUM_HEADERS (ETH_HLEN + VLAN_TAG_OCTETS + sizeof(struct ipv6hdr) + sizeof(struct tcphdr))

static __always_inline void fill_ipv4(struct iphdr *ip, __u32 octets, __u8 ttl, __u8 protocol, __be32 source, __be32 destination)
{
	ip->version = 4;
	ip->ihl = 5;
	ip->tos = 0;
	ip->tot_len = bpf_htons(octets);
	ip->id = 0;
	ip->frag_off = bpf_htons(0x4000); // don't fragment
	ip->ttl = ttl;
	ip->protocol = protocol;
	ip->check = 0;
	ip->saddr = source;
	ip->daddr = destination;

	// RFC 1071: the sum of the header's 16-bit words, carries added; in any byte order.
	const __u16 *words = (const __u16 *)ip;
	__u32 sum = 0;
#pragma unroll
	for (int i = 0; i < 10; i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	ip->check = ~sum;
}

static __always_inline void fill_transport(void *l4, const struct packet *p, __u32 octets)
{
	if (p->protocol == IPPROTO_TCP) {
		struct tcphdr *tcp = l4;
		__u8 *flags = (__u8 *)l4 + 13;

		tcp->source = bpf_htons(p->source_port);
		tcp->dest = bpf_htons(p->destination_port);
		tcp->seq = bpf_htonl(p->sequence);
		tcp->ack_seq = p->tcp_flags & TCP_ACK ? bpf_htonl(p->sequence) : 0;
		*((__u8 *)l4 + 12) = 5 << 4; // 20 octets of header
		*flags = p->tcp_flags;
		tcp->window = bpf_htons(65535);
		tcp->check = 0;
		tcp->urg_ptr = 0;
	} else if (p->protocol == IPPROTO_UDP) {
		struct udphdr *udp = l4;

		udp->source = bpf_htons(p->source_port);
		udp->dest = bpf_htons(p->destination_port);
		udp->len = bpf_htons(octets);
		udp->check = 0; // none
	} else { // ICMP and ICMPv6 echo: type, code, checksum, identifier, sequence number
		__be16 *icmp = l4;

		icmp[0] = bpf_htons(p->destination_port);
		icmp[1] = 0;
		icmp[2] = bpf_htons(p->source_port);
		icmp[3] = bpf_htons(p->sequence);
	}
}

// Writes the headers; the frame has room for all of them. Gives where the IP packet begins.
static __always_inline void fill(void *frame, const struct packet *p)
{
	__be16 *mac = frame; // 02:00:00:00:00:02 from 02:00:00:00:00:01: locally administered, nobody's
	__u32 link_octets = ETH_HLEN;
	void *l3 = frame + ETH_HLEN;
	__be16 ethertype = p->ipv6 ? bpf_htons(ETH_P_IPV6) : bpf_htons(ETH_P_IP);

	mac[0] = bpf_htons(0x0200);
	mac[1] = 0;
	mac[2] = bpf_htons(2);
	mac[3] = bpf_htons(0x0200);
	mac[4] = 0;
	mac[5] = bpf_htons(1);
	if (p->vlan) {
		mac[6] = bpf_htons(ETHERTYPE_VLAN);
		mac[7] = bpf_htons(p->vlan);
		mac[8] = ethertype;
		l3 = frame + ETH_HLEN + VLAN_TAG_OCTETS;
		link_octets += VLAN_TAG_OCTETS;
	} else {
		mac[6] = ethertype;
	}

	__u32 octets = p->octets - link_octets;
	if (p->ipv6) {
		struct ipv6hdr *ip = l3;

		*(__be32 *)ip = bpf_htonl(6u << 28);
		ip->payload_len = bpf_htons(octets - sizeof(*ip));
		ip->nexthdr = p->protocol;
		ip->hop_limit = p->ttl;
		__builtin_memcpy(&ip->saddr, p->source, sizeof(ip->saddr));
		__builtin_memcpy(&ip->daddr, p->destination, sizeof(ip->daddr));
		fill_transport(l3 + sizeof(*ip), p, octets - sizeof(*ip));
	} else {
		fill_ipv4(l3, octets, p->ttl, p->protocol, p->source[0], p->destination[0]);
		fill_transport(l3 + sizeof(struct iphdr), p, octets - sizeof(struct iphdr));
	}
}
