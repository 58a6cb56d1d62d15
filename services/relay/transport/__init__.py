"""Bytes in and out: the handshake, RFC 6455's framing, a socket's writer, its heartbeat."""
