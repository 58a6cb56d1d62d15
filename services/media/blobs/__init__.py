"""Where the bytes are: sealed, in a directory or in any S3."""
