"""The only public port: pages, static files, sessions, forwarding to the services, the way of a socket to its relay."""
