"""The only public port: pages, static files, sessions, forwarding to the services, the websocket tunnel."""
