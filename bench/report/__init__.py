"""docs/performance.md: its tables and plots from what is saved, between markers; the words around them are ours."""
