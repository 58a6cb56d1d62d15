"""Django's settings for the peer; PEER_LAYER is `pubsub` for channels_redis' other layer."""

import os

SECRET_KEY = os.environ.get("PEER_SECRET_KEY", "")
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
INSTALLED_APPS = [
    "channels",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "bench.peers.channels_chat",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
ROOT_URLCONF = "bench.peers.channels_chat.urls"
ASGI_APPLICATION = "bench.peers.channels_chat.asgi.application"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ.get("PGDATABASE", "peer"),  # libpq reads PGHOST and PGUSER itself
        "OPTIONS": {"pool": {"min_size": 4, "max_size": 20}},
    }
}
_layer = "RedisPubSubChannelLayer" if os.environ.get("PEER_LAYER") == "pubsub" else "RedisChannelLayer"
_module = "pubsub" if os.environ.get("PEER_LAYER") == "pubsub" else "core"
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": f"channels_redis.{_module}.{_layer}",
        "CONFIG": {"hosts": [os.environ.get("PEER_REDIS_URL", "redis://127.0.0.1")]},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
