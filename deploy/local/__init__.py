"""Duet on one machine: both servers and all programs under one supervisor (`python -m deploy.local`)."""
