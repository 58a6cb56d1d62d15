"""The benchmark: Duet and its peers under the same load, and the report about it in docs/."""
