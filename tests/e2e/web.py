"""Clients that come by WebSocket: python3-websockets makes and reads the frames."""
import socket
import ssl

from websockets.client import ClientConnection
from websockets.frames import Opcode
from websockets.uri import parse_uri

from harness import Client


class Socket:
    """A WebSocket in the place of a socket: what is sent is cut into messages of
    one line, and messages that come are lines."""

    def __init__(self, sock, protocols, origin, path="/"):
        self.sock, self.binary = sock, False
        self.frames, self.kinds = [], set()
        self.ws = ClientConnection(
            parse_uri("ws://irc.test" + path), origin=origin,
            subprotocols=list(protocols) or None, max_size=None)
        self.ws.send_request(self.ws.connect())
        self.flush()
        self.response = None
        while self.response is None and self.receive():
            pass
        self.refused = self.ws.handshake_exc
        self.binary = self.ws.subprotocol == "binary.ircv3.net"

    def flush(self):
        for data in self.ws.data_to_send():
            if data:
                self.sock.sendall(data)

    def receive(self):
        """Read once. Return False at the end."""
        data = self.sock.recv(65536)
        if data:
            self.ws.receive_data(data)
        else:
            self.ws.receive_eof()
        for event in self.ws.events_received():
            if hasattr(event, "status_code"):
                self.response = event
            else:
                self.frames.append(event)
        try:
            self.flush()
        except OSError:
            pass
        return bool(data)

    def settimeout(self, seconds):
        self.sock.settimeout(seconds)

    def sendall(self, data):
        for line in data.split(b"\n"):
            line = line.rstrip(b"\r")
            if line and self.binary:
                self.ws.send_binary(line)
            elif line:
                self.ws.send_text(line)
        self.flush()

    def recv(self, size):
        """Return a line, or nothing at the end."""
        while True:
            while self.frames:
                frame = self.frames.pop(0)
                if frame.opcode in (Opcode.TEXT, Opcode.BINARY):
                    self.kinds.add(frame.opcode)
                    assert frame.fin and b"\n" not in frame.data
                    return frame.data + b"\r\n"
                if frame.opcode is Opcode.CLOSE:
                    return b""
            if not self.receive():
                return b""

    def close(self):
        self.sock.close()


class Web(Client):
    """A client whose lines are messages of a WebSocket."""

    def __init__(self, port, nick=None, tls=None, protocols=("text.ircv3.net",),
                 origin=None, header=b"", **kwargs):
        super().__init__(port, **kwargs)
        self.nick = nick
        if header:
            self.sock.sendall(header)
        if tls:
            context = ssl.create_default_context(cafile=tls)
            context.set_alpn_protocols(["http/1.1"])
            self.sock = context.wrap_socket(self.sock,
                                            server_hostname="localhost")
        self.sock = Socket(self.sock, protocols, origin)
        if self.sock.refused is None and nick:
            self.register()

    @property
    def ws(self):
        return self.sock.ws

    def closed_with(self):
        """Read to the end, and return the code and reason of the close."""
        self.until_closed()
        while self.sock.receive():
            pass
        rcvd = self.ws.close_rcvd
        return rcvd and (rcvd.code, rcvd.reason)


def raw(port, data=b"", **kwargs):
    """Return a socket that has sent this."""
    s = socket.create_connection(("127.0.0.1", port), **kwargs)
    s.settimeout(60)
    s.sendall(data)
    return s


def read_all(s):
    """Return all bytes up to the end."""
    got = b""
    while True:
        try:
            data = s.recv(65536)
        except ConnectionError:
            return got
        if not data:
            return got
        got += data
