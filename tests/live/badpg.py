#!/usr/bin/python3
"""A PostgreSQL server that lets everybody in and then lies.

usage: tests/live/badpg.py

Listens on free ports of 127.0.0.1, prints KEY=port lines and READY, and ends
when its standard input closes. The port chooses what comes in the place of
answers:

  OLD      a server of version 9.6
  DRIP     one byte in 50 ms, for ever
  FLOOD    rows without an end
  HUGE     one value that is to be 1 GB long, and all that fits meanwhile
  GARBAGE  bytes that are no messages
  MORE     more answers than questions
  CUT      half a message, then the end
  FATAL    an error, then the end
"""
import socket
import struct
import sys
import threading
import time

HOST = "127.0.0.1"
DRIP_S = 0.05
TEXT = 25


def message(kind, body=b""):
    return kind + struct.pack("!i", len(body) + 4) + body


def status(key, value):
    return message(b"S", b"%s\0%s\0" % (key.encode(), value.encode()))


def error(state, text):
    return message(b"E", b"SFATAL\0VFATAL\0C%s\0M%s\0\0" % (
        state.encode(), text.encode()))


COLUMN = message(b"T", struct.pack("!h", 1) + b"x\0" + struct.pack(
    "!ihihih", 0, 0, TEXT, -1, -1, 0))
BEGUN = message(b"1") + message(b"2") + COLUMN
ROW = message(b"D", struct.pack("!hi", 1, 1000) + b"x" * 1000)
DONE = message(b"C", b"SELECT 1\0")
IDLE = message(b"Z", b"I")


def exactly(conn, n):
    data = b""
    while len(data) < n:
        more = conn.recv(n - len(data))
        if not more:
            raise OSError("the client left")
        data += more
    return data


def start(conn, version):
    """The start of a session, TLS refused."""
    while True:
        length, code = struct.unpack("!ii", exactly(conn, 8))
        exactly(conn, length - 8)
        if code >> 16 == 3:
            break
        conn.sendall(b"N")
    conn.sendall(message(b"R", struct.pack("!i", 0)) +
                 status("server_version", version) +
                 status("client_encoding", "UTF8") +
                 status("standard_conforming_strings", "on") + IDLE)


def questions(conn):
    """Reads up to a Sync; how many there were."""
    count = 0
    while True:
        kind, length = struct.unpack("!ci", exactly(conn, 5))
        exactly(conn, length - 4)
        count += kind == b"E"
        if kind == b"S":
            return count


def old(conn):
    conn.sendall(message(b"1") + message(b"2") + COLUMN + DONE + IDLE)


def drip(conn):
    for byte in BEGUN:
        conn.sendall(bytes([byte]))
        time.sleep(DRIP_S)
    while True:
        for byte in ROW:
            conn.sendall(bytes([byte]))
            time.sleep(DRIP_S)


def flood(conn):
    conn.sendall(BEGUN)
    while True:
        conn.sendall(ROW * 64)


def huge(conn):
    conn.sendall(BEGUN + b"D" + struct.pack("!ihi", (1 << 30) - 9, 1,
                                            (1 << 30) - 19))
    while True:
        conn.sendall(b"x" * 65536)


def garbage(conn):
    conn.sendall(b"\xff\x00\x13\x37" * 64)
    time.sleep(1)


def more(conn):
    conn.sendall((message(b"1") + message(b"2") + COLUMN + DONE + IDLE) * 20)
    time.sleep(1)


def cut(conn):
    conn.sendall(BEGUN + ROW[:100])


def fatal(conn):
    conn.sendall(error("57P02", "terminating connection because of crash"))


def serve(conn, lie, version):
    try:
        start(conn, version)
        while True:
            questions(conn)
            lie(conn)
            if lie is not old:
                break
    except OSError:
        pass  # the client left in the middle: that is what is tested
    conn.close()


def accept_loop(server, lie, version):
    while True:
        conn, _ = server.accept()
        threading.Thread(target=serve, args=(conn, lie, version),
                         daemon=True).start()


def main():
    for key, lie, version in (
            ("OLD", old, "9.6.24"), ("DRIP", drip, "15.18"),
            ("FLOOD", flood, "15.18"), ("HUGE", huge, "15.18"),
            ("GARBAGE", garbage, "15.18"), ("MORE", more, "15.18"),
            ("CUT", cut, "15.18"), ("FATAL", fatal, "15.18")):
        server = socket.create_server((HOST, 0), backlog=16)
        threading.Thread(target=accept_loop, args=(server, lie, version),
                         daemon=True).start()
        print("%s=%d" % (key, server.getsockname()[1]), flush=True)
    print("READY", flush=True)
    sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(main())
