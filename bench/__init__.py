"""The benchmark: Duet and its peers under the same load, and what is written about it in docs/."""
