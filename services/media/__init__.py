"""Files and photos: kept sealed in a blob store, given to the two members of their thread alone."""
