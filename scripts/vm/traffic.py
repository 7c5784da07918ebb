"""Flows of which all packets are known: sends them, and compares them with what was metered.

traffic.py send INTERFACE    sends them all; prints how many packets these are
traffic.py check FILE        compares with xdptop's JSON Lines; prints the mode and the figures, exit status 1 if they differ
"""
import collections
import ipaddress
import json
import socket
import struct
import sys
import time

FLOWS = 48
ROUNDS = 120  # packets of each flow
PER_SECOND = 8000
TCP, UDP = 6, 17


def checksum(header):
    total = sum(struct.unpack(f"!{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packet(flow, n):
    """Packet n of a flow: the flow's key, the octets of the IP packet, and the frame."""
    is_ipv6, protocol, vlan = flow % 4 == 3, (UDP, TCP)[flow // 2 % 2], 100 + flow if flow % 6 == 5 else None
    source_port, destination_port = 10000 + flow, 443
    payload = bytes((37 * flow + 101 * n) % 1400)
    if protocol == TCP:
        transport = struct.pack("!HHIIBBHHH", source_port, destination_port, n, 1, 5 << 4, 0x18, 8192, 0, 0) + payload
    else:
        transport = struct.pack("!HHHH", source_port, destination_port, 8 + len(payload), 0) + payload
    source, destination = (ipaddress.ip_address(a) for a in
                           ((f"2001:db8::{flow + 1:x}", "2001:db8:1::1") if is_ipv6 else (f"192.0.2.{flow + 1}", "198.51.100.1")))
    if is_ipv6:
        header = struct.pack("!IHBB", 6 << 28, len(transport), protocol, 64) + source.packed + destination.packed
    else:
        fields = (0x45, 0, 20 + len(transport), n, 0, 64, protocol, 0, source.packed, destination.packed)
        header = struct.pack("!BBHHHBBH4s4s", *fields)
        header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
    tag = struct.pack("!HH", 0x8100, vlan) if vlan else b""
    # To an address that is not the receiver's, as on a mirror port.
    ethernet = b"\x02\0\0\0\0\x02" + b"\x02\0\0\0\0\x01" + tag + struct.pack("!H", 0x86DD if is_ipv6 else 0x0800)
    frame = (ethernet + header + transport).ljust(60, b"\0")
    key = (str(source), str(destination), source_port, destination_port, protocol, vlan)
    return key, len(header) + len(transport), frame


def packets():
    return (packet(flow, n) for n in range(ROUNDS) for flow in range(FLOWS))


def send(interface):
    frames = [frame for _, _, frame in packets()]
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as out:
        out.bind((interface, 0))
        begin = time.monotonic()
        for n, frame in enumerate(frames):
            time.sleep(max(0, begin + n / PER_SECOND - time.monotonic()))
            out.send(frame)
    print(len(frames))


def check(path):
    sent = collections.defaultdict(lambda: (0, 0))
    for key, octets, _ in packets():
        sent[key] = (sent[key][0] + 1, sent[key][1] + octets)
    metered, summary = collections.defaultdict(lambda: (0, 0)), {}
    with open(path, encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            if record["type"] == "summary":
                summary = record
                continue
            key = (record.get("sourceIPv4Address") or record.get("sourceIPv6Address"),
                   record.get("destinationIPv4Address") or record.get("destinationIPv6Address"),
                   record["sourceTransportPort"], record["destinationTransportPort"], record["protocolIdentifier"], record.get("vlanId"))
            metered[key] = (metered[key][0] + record["packetDeltaCount"], metered[key][1] + record["octetDeltaCount"])
    if not summary:
        sys.exit("xdptop printed no summary")
    mode = summary["interfaces"][0]
    total = sum(count for count, _ in sent.values())
    print(" ".join(mode[name] for name in ("mode", "attach", "bind") if name in mode), end=": ")
    print(f"sent {total}, metered {summary['meteredPackets']}, dropped {summary['kernelDrops']}", end="")
    differing = [key for key in sent.keys() | metered.keys() if sent.get(key) != metered.get(key)]
    if differing:
        key = min(differing, key=str)
        sys.exit(f"; {len(differing)} of {len(sent)} flows differ, as {key}: packets and octets {sent.get(key)} sent, {metered.get(key)} metered")
    if summary["receivedPackets"] != total or summary["kernelDrops"] != 0:
        sys.exit(f"; received {summary['receivedPackets']}")


{"send": send, "check": check}[sys.argv[1]](sys.argv[2])
