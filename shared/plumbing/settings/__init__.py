"""What DUET_* settings there are, what each may be, and where they come from."""
