"""A program that only waits for its end."""

import time

time.sleep(600)
