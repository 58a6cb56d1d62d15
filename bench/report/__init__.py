"""docs/performance.md: tables and plots made from saved results, put between markers; the words are written by hand."""
