"""Accounts, passwords and sessions; the user list."""
