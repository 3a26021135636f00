"""A TLS client that can do what Python's ssl module cannot: KeyUpdate,
renegotiation, a stop in the middle. It uses the libssl that banyand uses."""
import ctypes
import socket

_ssl = ctypes.CDLL("libssl.so.3")
for _name, _result, *_args in (
        ("TLS_client_method", ctypes.c_void_p),
        ("SSL_CTX_new", ctypes.c_void_p, ctypes.c_void_p),
        ("SSL_CTX_free", None, ctypes.c_void_p),
        ("SSL_CTX_ctrl", ctypes.c_long, ctypes.c_void_p, ctypes.c_int,
         ctypes.c_long, ctypes.c_void_p),
        ("SSL_new", ctypes.c_void_p, ctypes.c_void_p),
        ("SSL_free", None, ctypes.c_void_p),
        ("SSL_set_fd", ctypes.c_int, ctypes.c_void_p, ctypes.c_int),
        ("SSL_connect", ctypes.c_int, ctypes.c_void_p),
        ("SSL_do_handshake", ctypes.c_int, ctypes.c_void_p),
        ("SSL_key_update", ctypes.c_int, ctypes.c_void_p, ctypes.c_int),
        ("SSL_renegotiate", ctypes.c_int, ctypes.c_void_p),
        ("SSL_write", ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p,
         ctypes.c_int),
        ("SSL_read", ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p,
         ctypes.c_int)):
    getattr(_ssl, _name).restype = _result
    getattr(_ssl, _name).argtypes = _args

TLS1_2 = 0x0303
SET_MAX_PROTO_VERSION = 124  # SSL_CTRL_...


class Tls:
    """A blocking connection. Each function is the one of libssl, and returns
    True if that returns 1."""

    def __init__(self, port, version=None):
        self.sock = socket.create_connection(("127.0.0.1", port))
        self.sock.setblocking(True)
        self.ctx = _ssl.SSL_CTX_new(_ssl.TLS_client_method())
        if version:
            _ssl.SSL_CTX_ctrl(self.ctx, SET_MAX_PROTO_VERSION, version, None)
        self.ssl = _ssl.SSL_new(self.ctx)
        _ssl.SSL_set_fd(self.ssl, self.sock.fileno())
        assert _ssl.SSL_connect(self.ssl) == 1

    def key_update(self, answer=False):
        """Send a KeyUpdate. If answer is true, the other side has to send one,
        too."""
        return (_ssl.SSL_key_update(self.ssl, 1 if answer else 0) == 1 and
                _ssl.SSL_do_handshake(self.ssl) == 1)

    def renegotiate(self):
        return (_ssl.SSL_renegotiate(self.ssl) == 1 and
                _ssl.SSL_do_handshake(self.ssl) == 1)

    def send(self, *lines):
        data = "".join(line + "\r\n" for line in lines).encode()
        return _ssl.SSL_write(self.ssl, data, len(data)) == len(data)

    def read(self):
        """Return b"" at the end, however the connection ended."""
        buffer = ctypes.create_string_buffer(65536)
        n = _ssl.SSL_read(self.ssl, buffer, len(buffer))
        return buffer.raw[:n] if n > 0 else b""

    def read_until(self, what):
        got = b""
        while what not in got:
            more = self.read()
            assert more, got
            got += more
        return got

    def close(self):
        """Close without a close_notify."""
        self.sock.close()
        _ssl.SSL_free(self.ssl)
        _ssl.SSL_CTX_free(self.ctx)
