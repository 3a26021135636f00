"""A cable between two servers: a test can hold up what is sent through it, or
slow it down, or pull it out, without a word of either end."""
import socket
import threading
import time

POLL_S = 0.01
SLOW_BYTES = 4096       # at once, on a slow cable


class Cable:
    """A cable from a port of its own, which one server dials, to a port of
    127.0.0.1. The ways are "there", from the server that dials, and "back"."""

    def __init__(self, target, is_in=True):
        self.target, self.is_in = target, is_in
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
                dst.sendall(data)
                self.passed[way] += len(data)
                if rate:
                    time.sleep(len(data) / rate)
        except OSError:
            pass
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
