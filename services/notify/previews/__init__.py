"""What the pages are called that people's links lead to: the only part that reads what strangers' servers say."""
