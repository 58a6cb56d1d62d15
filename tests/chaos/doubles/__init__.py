"""Two of each program on two hosts behind HAProxy, which speak by mutual TLS: hosts are network namespaces."""
