"""Sockets below HTTP: addresses, packets, and handing a socket on."""
