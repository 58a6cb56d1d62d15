"""What the handlers find in the application."""

from aiohttp import web

from services.notify.endpoints import Endpoints
from services.notify.queue import Queues
from services.notify.reader import Reader
from services.notify.vapid import Vapid
from shared.plumbing.postgres.database import Database

DATABASE = web.AppKey("database", Database)
ENDPOINTS = web.AppKey("endpoints", Endpoints)
QUEUES = web.AppKey("queues", Queues)
READER = web.AppKey("reader", Reader)
VAPID = web.AppKey("vapid", Vapid)
