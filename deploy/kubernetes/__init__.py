"""Duet on Kubernetes."""
