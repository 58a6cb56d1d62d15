"""The measurements: each takes a running target and gives figures as plain data."""
