"""The version of Duet, written here alone: the package, `duet --version` and the programs read it.

Semantic: see CHANGELOG.md for what a number promises.
"""

VERSION = "0.1.0"
