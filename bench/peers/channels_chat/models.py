"""A thread of two and its messages."""

from django.conf import settings
from django.db import models


class Thread(models.Model):
    low = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    high = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")

    class Meta:
        app_label = "channels_chat"
        constraints = [models.UniqueConstraint(fields=["low", "high"], name="one_thread_a_pair")]


class Message(models.Model):
    thread = models.ForeignKey(Thread, models.CASCADE, related_name="messages")
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    client_id = models.UUIDField()
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "channels_chat"
        indexes = [models.Index(fields=["thread", "id"])]
