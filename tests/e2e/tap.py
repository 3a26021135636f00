"""A tap between clients and a server: what each of them sends is passed on, and
kept line by line."""
import socket
import threading


class Tap:
    """Listen for clients, and connect each of them to the port of a server.
    `sent` has the lines of the clients, `told` those of the server."""

    def __init__(self, server):
        self.server = server
        self.sent, self.told = [], []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.sockets, self.threads = [self.listener], []
        self.run(self.accept)

    def run(self, function, *args):
        thread = threading.Thread(target=function, args=args, daemon=True)
        self.threads.append(thread)
        thread.start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return  # closed
            server = socket.create_connection(("127.0.0.1", self.server))
            self.sockets += [client, server]
            self.run(self.carry, client, server, self.sent)
            self.run(self.carry, server, client, self.told)

    @staticmethod
    def carry(source, target, lines):
        rest = b""
        try:
            while data := source.recv(65536):
                *whole, rest = (rest + data).split(b"\n")
                lines += [ln.rstrip(b"\r").decode("utf-8", "replace")
                          for ln in whole]
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # one end is gone

    def close(self):
        for s in self.sockets:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            s.close()
        for t in self.threads:
            t.join()
