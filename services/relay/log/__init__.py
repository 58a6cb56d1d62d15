"""What is asked of threads: appends in batches over the link, reads, heads and replays."""
