"""Runs yt-dlp in a process that can make no socket. Each connection is asked for over one line, an inherited socket,
through which the guard passes the end of a connection that it has checked and made. TLS is spoken here, end to end.

    python3 -I on_line.py LINE PACKAGES ARGUMENTS…
"""

import socket
import sys
import threading

line = socket.socket(fileno=int(sys.argv[1]))
lock = threading.Lock()


class Connection(socket.socket):
    def setsockopt(self, *_):
        """Options of TCP are for the guard's own end."""


def connect(address, timeout=None, source_address=None, **_):
    host, port = address[:2]
    with lock:
        line.send(f"{port} {host}".encode())
        answer, descriptors, _, _ = socket.recv_fds(line, 4096, 1)
    if not descriptors:
        raise OSError(answer.decode())
    connection = Connection(fileno=descriptors[0])
    if isinstance(timeout, (int, float)):
        connection.settimeout(timeout)
    return connection


socket.create_connection = connect
if sys.argv[2]:
    sys.path.insert(0, sys.argv[2])

import yt_dlp  # noqa: E402
from yt_dlp.networking import _helper, _urllib  # noqa: E402

_helper.create_connection = _urllib.create_connection = connect
yt_dlp.main(sys.argv[3:])
