"""
The attacks of one tenant on the interface: outside.py PORT TENANT NAME …, all those named at once. HOSTEL_TOKEN is the tenant's.
Says "ready" once it has what it aims at, begins with the first line of its input and ends with the input. Then prints for each attack a line of its name, and of each kind of answer how many came:
NAME ANSWER=COUNT …; "none" is a connection that was refused or broken off.
"""
import collections, gzip, json, os, socket, sys, threading, time

PORT, TENANT, NAMES = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
BASE = "/v1/tenants/" + TENANT
TOKEN = os.environ["HOSTEL_TOKEN"]
counts = collections.defaultdict(collections.Counter)
told = threading.Lock()
here = threading.local()


def tell(answer):
    with told:
        counts[here.name][answer] += 1


def head(method, path, length=None, headers=""):
    length = "" if length is None else "Content-Length: %d\r\nContent-Type: application/json\r\n" % length
    form = "%s %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nAccept: application/json\r\n%s%s\r\n"
    return (form % (method, path, TOKEN, length, headers)).encode()


def dial(receive_buffer=0):
    connection = socket.socket()
    if receive_buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.settimeout(600)
    connection.connect(("127.0.0.1", PORT))
    return connection


def call(method, path, body=None, headers="", keep=65536):
    """One call on a connection of its own. Returns the body's beginning; what is beyond is read and dropped."""
    text = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = b""
    try:
        with dial() as connection:
            connection.sendall(head(method, path, None if text is None else len(text), headers + "Connection: close\r\n"))
            connection.sendall(text or b"")
            room = bytearray(1 << 18)
            while True:
                got = connection.recv_into(room)
                if not got:
                    break
                if len(answer) < keep:
                    answer += room[:got]
    except OSError:
        pass
    tell(answer[9:12].decode() or "none")
    if not answer.startswith(b"HTTP/1.1 2"):
        time.sleep(0.2)  # whoever is refused comes again, but a client that only spins would be an attack on the machine's cores
    return answer.partition(b"\r\n\r\n")[2]


def app(name):
    return BASE + "/apps/" + name


def items(path):
    try:
        return json.loads(call("GET", path, keep=1 << 20))["items"]
    except (ValueError, KeyError):
        return []


def sandboxes(name):
    return [one["id"] for one in items(app(name) + "/sandboxes") if one["state"] == "running"]


def process(*command, scale=1, **more):
    limits = {"memory": "32MiB", "cpus": 0.1, "pids": 16, "disk": "32MiB"}
    return dict({"command": ["python3", "/app/inside.py", *command], "scale": scale, "expose": "none", "limits": limits}, **more)


def release(name, processes, wait="?wait=20s", headers=""):
    body = {"artifact": os.environ["HOSTEL_ARTIFACT"], "processes": processes}
    return call("POST", app(name) + "/releases" + wait, body, headers)


def each(threads, once):
    """once(number) in so many threads, for ever."""
    name = here.name

    def run(number):
        here.name = name
        while True:
            once(number)

    for number in range(threads):
        threading.Thread(target=run, args=(number,), daemon=True).start()


def releases():
    """Specs of 250 KB, of processes that are not to run, for fifty apps."""
    filler = {"command": ["x" * 25_000], "scale": 0, "expose": "none"}
    processes = {"p%d" % number: dict(filler, env={"FILL": "y" * 20_000}) for number in range(5)}
    turn = iter(range(1 << 30))
    each(2, lambda number: call("POST", app("r%d" % (next(turn) % 50)) + "/releases", {"processes": processes}))


def execs():
    """16 at a time in each of 8 sandboxes, each with a MiB of NUL on both streams."""
    ids = sandboxes("talker")
    command = {"command": ["sh", "-c", "head -c 1048576 /dev/zero; head -c 1048576 /dev/zero >&2"], "timeout": "60s"}
    if ids:
        each(128, lambda number: call("POST", "%s/sandboxes/%s/exec" % (app("talker"), ids[number % len(ids)]), command))


def replays():
    """Execs whose answers are to be kept, each under a key of its own."""
    ids = sandboxes("talker")
    command = {"command": ["head", "-c", "1048576", "/dev/zero"], "timeout": "60s"}

    def once(number):
        key = "Idempotency-Key: %s\r\n" % os.urandom(12).hex()
        call("POST", "%s/sandboxes/%s/exec" % (app("talker"), ids[number % len(ids)]), command, key)

    if ids:
        each(2, once)


def sleepers():
    """128 execs that do nothing for a minute."""
    ids = sandboxes("talker")
    command = {"command": ["sleep", "60"], "timeout": "60s"}
    if ids:
        each(128, lambda number: call("POST", "%s/sandboxes/%s/exec" % (app("talker"), ids[number % len(ids)]), command))


def hold(number_of, request, receive_buffer=0, drip=None, pause=5.0):
    """So many connections with an unfinished request or an unread answer, each held as long as it is let, and then made anew."""
    name = here.name

    def run():
        here.name = name
        held = {}
        while True:
            for slot in range(number_of):
                try:
                    if slot not in held:
                        held[slot] = dial(receive_buffer)
                        held[slot].sendall(request(slot))
                        tell("made")
                        held[slot].setblocking(False)
                    elif drip:
                        held[slot].send(drip)
                    if not receive_buffer:
                        got = held[slot].recv(1 << 16)
                        if not got or got.startswith(b"HTTP/1.1 4"):
                            tell(got[9:12].decode() or "closed")
                            raise OSError
                except BlockingIOError:
                    pass
                except OSError:
                    tell("broken")
                    if slot in held:
                        held.pop(slot).close()
            time.sleep(pause)

    threading.Thread(target=run, daemon=True).start()


def readers():
    """Readers of long logs that do not read."""
    hold(30, lambda slot: head("GET", app("talker") + "/logs?tail=10000&follow=true"), receive_buffer=4096)


def followers():
    """A hundred readers of logs in which nothing happens."""
    hold(100, lambda slot: head("GET", app("quiet") + "/logs?tail=1&follow=true"), pause=1.0)


def uploads():
    """Uploads of which a byte comes now and then."""
    hold(3, lambda slot: head("POST", BASE + "/artifacts", 1 << 20, "Content-Type: application/x-tar\r\n")
         .replace(b"Content-Type: application/json\r\n", b""), drip=b"x", pause=1.0)


def headers():
    """Connections without a token, each with a head that never ends."""
    hold(128, lambda slot: b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n", drip=b"X: y\r\n", pause=5.0)


def redeploys():
    """The same again and again, each time with ten megabytes of log."""
    def once(number):
        release("logger%d" % number, {"worker": process("talk", "10")})
        time.sleep(1)
    each(2, once)


def links():
    """Permission for somebody who does not exist."""
    each(4, lambda number: call("PUT", BASE + "/links/nobody"))


def artifacts():
    """A hundred thousand empty files, in an archive that differs each time."""
    def entry(name):
        block = bytearray(512)
        block[0:len(name)] = name.encode()
        block[100:108], block[108:116], block[116:124] = b"0000644\0", b"0000000\0", b"0000000\0"
        block[124:136], block[136:148], block[148:156] = b"00000000000\0", b"00000000000\0", b" " * 8
        block[156:157], block[257:265] = b"0", b"ustar\x0000"
        block[148:156] = b"%06o\0 " % sum(block)
        return bytes(block)

    base = gzip.compress(b"".join(entry("f%d" % number) for number in range(100_000)), 1)

    def once(number):
        archive = base + gzip.compress(entry("other-" + os.urandom(8).hex()) + bytes(1024))
        try:
            with dial() as connection:
                connection.sendall(head("POST", BASE + "/artifacts", len(archive), "Connection: close\r\n")
                                   .replace(b"application/json\r\nConn", b"application/gzip\r\nConn"))
                connection.sendall(archive)
                tell(connection.recv(64)[9:12].decode() or "none")
        except OSError:
            tell("none")
        time.sleep(0.5)

    each(1, once)


def deletes():
    """Sixteen callers that delete what is at once put up again."""
    def once(number):
        for one in sandboxes("quiet"):
            call("DELETE", "%s/sandboxes/%s" % (app("quiet"), one))
    each(16, once)


def scales():
    """Down and up again of what ignores SIGTERM."""
    release("stay", {"worker": process("stay", scale=3, stopTimeout="2m")})

    def once(number):
        for scale in (0, 3):
            call("PATCH", app("stay") + "/processes/worker", {"scale": scale})
            time.sleep(1)
    each(1, once)


def bodies():
    """Megabytes of small JSON that is not a spec."""
    body = b"[" + b"[],{}," * 170_000 + b"0]"
    each(4, lambda number: call("POST", app("x") + "/releases", body))


def deployed():
    """What some of the attacks aim at."""
    here.name = "deploys"
    release("talker", {"worker": process("talk", "8", scale=8)})
    release("quiet", {"worker": process("quiet", scale=4)})


deployed()
print("ready", flush=True)
sys.stdin.readline()
for name in NAMES:
    here.name = name
    globals()[name]()
sys.stdin.read()
with told:
    for name, answers in counts.items():
        print(name, *("%s=%d" % one for one in sorted(answers.items())))
sys.stdout.flush()
os._exit(0)
