"""One consumer a socket, one group a person, as in Channels' tutorial; the ORM's own async interface."""

from typing import Any

from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.contrib.auth import get_user_model

from bench.peers.channels_chat.models import Message, Thread


class ChatConsumer(AsyncJsonWebsocketConsumer):
    async def connect(self) -> None:
        self.user = self.scope["user"]
        self.threads: dict[str, int] = {}
        if self.user.is_anonymous:
            await self.close()
            return
        await self.channel_layer.group_add(f"user.{self.user.username}", self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(f"user.{self.user.username}", self.channel_name)

    async def receive_json(self, sent: dict[str, Any], **kwargs: Any) -> None:
        message = await Message.objects.acreate(
            thread_id=await self._thread(sent["to"]),
            sender_id=self.user.id,
            client_id=sent["client_id"],
            text=sent["text"],
        )
        event = {"type": "chat.message", "id": message.id, "sender": self.user.username, **sent}
        await self.channel_layer.group_send(f"user.{self.user.username}", event)
        await self.channel_layer.group_send(f"user.{sent['to']}", event)

    async def chat_message(self, event: dict[str, Any]) -> None:
        await self.send_json({name: value for name, value in event.items() if name != "type"})

    async def _thread(self, to: str) -> int:
        if to not in self.threads:
            peer = await get_user_model().objects.aget(username=to)
            low, high = sorted((self.user.id, peer.id))
            thread, _ = await Thread.objects.aget_or_create(low_id=low, high_id=high)
            self.threads[to] = thread.id
        return self.threads[to]
