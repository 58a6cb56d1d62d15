"""Who is online, and the frames that are never stored."""
