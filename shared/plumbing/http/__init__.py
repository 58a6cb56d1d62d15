"""HTTP between programs and towards browsers."""
