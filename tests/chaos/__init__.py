"""Load from many pairs, faults while it runs, one judge at the end: `python -m tests.chaos --help`."""
