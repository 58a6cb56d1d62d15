"""Django + Channels + channels_redis: the design that Duet replaces."""
