"""A cable between two servers: a test can hold up what is sent through it, or
slow it down, or pull it out, without a word of either end. A long cable hands
everything on later."""
import queue
import socket
import threading
import time

POLL_S = 0.01
SLOW_BYTES = 4096       # at once, on a slow cable
PARTS_MAX = 64          # on their way in a long cable; then its sender waits


class Late:
    """Sends bytes to a socket in their order, each delay_s seconds after they
    were given."""

    def __init__(self, sock, delay_s):
        self.sock, self.delay_s = sock, delay_s
        self.parts = queue.Queue(PARTS_MAX)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def sendall(self, data):
        self.parts.put((time.monotonic() + self.delay_s, data))

    def finish(self):
        """Wait until all is sent."""
        self.sendall(b"")
        self.thread.join()

    def run(self):
        while (part := self.parts.get())[1]:
            time.sleep(max(0, part[0] - time.monotonic()))
            try:
                self.sock.sendall(part[1])
            except OSError:
                pass    # the way back ends then, and with it this one
        time.sleep(max(0, part[0] - time.monotonic()))


class Cable:
    """A cable from a port of its own, which one server dials, to a port of
    127.0.0.1. The ways are "there", from the server that dials, and "back"."""

    def __init__(self, target, is_in=True, delay_s=0):
        self.target, self.is_in, self.delay_s = target, is_in, delay_s
        self.passed = {"there": 0, "back": 0}      # bytes, of all connections
        self.most = dict.fromkeys(self.passed)     # that may pass; None: all
        self.rate = dict.fromkeys(self.passed)     # bytes in a second; None
        self.ends, self.stopping = [], False
        self.listener = socket.socket()
        # Bytes that are held up stay with their sender, not in buffers of this
        # program.
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen()
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while not self.stopping:
            try:
                here, _ = self.listener.accept()
            except OSError:
                return
            there = socket.socket()
            there.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            try:
                if not self.is_in:
                    raise ConnectionError
                there.connect(("127.0.0.1", self.target))
            except OSError:
                here.close()
                there.close()
                continue
            self.ends += [here, there]
            for way in (here, there, "there"), (there, here, "back"):
                threading.Thread(target=self.carry, args=way,
                                 daemon=True).start()

    def room(self, way):
        most = self.most[way]
        return 65536 if most is None else min(65536, most - self.passed[way])

    def carry(self, src, dst, way):
        out = Late(dst, self.delay_s) if self.delay_s else dst
        try:
            while True:
                while self.room(way) <= 0:
                    if self.stopping or src.fileno() < 0:
                        return
                    time.sleep(POLL_S)
                rate = self.rate[way]
                data = src.recv(min(self.room(way), SLOW_BYTES) if rate
                                else self.room(way))
                if not data:
                    break
                out.sendall(data)
                self.passed[way] += len(data)
                if rate:
                    time.sleep(len(data) / rate)
        except OSError:
            pass
        if self.delay_s:
            out.finish()
        for s in (src, dst):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def hold(self, way, after=0):
        """Let no more than that many further bytes pass."""
        self.most[way] = self.passed[way] + after

    def let_go(self):
        self.most = dict.fromkeys(self.most)

    def is_held(self, way):
        return self.most[way] is not None and self.room(way) <= 0

    def pull(self):
        """Close both ends; bytes that are held up are lost."""
        self.is_in = False
        ends, self.ends = self.ends, []
        for s in ends:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            s.close()

    def plug(self):
        self.is_in = True

    def close(self):
        self.stopping = True
        self.listener.close()
        self.pull()
