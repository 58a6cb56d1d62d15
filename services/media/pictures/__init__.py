"""Photos, decoded in processes that may be killed."""
