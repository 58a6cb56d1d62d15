"""Duet in containers, with HTTPS."""
