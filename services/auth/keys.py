"""What the handlers find in the application."""

from aiohttp import web

from services.auth.accounts import Accounts
from services.auth.invites import Invitations
from shared.plumbing.postgres.database import Database
from shared.plumbing.redis.directory import Directory

ACCOUNTS = web.AppKey("accounts", Accounts)
DATABASE = web.AppKey("database", Database)
DIRECTORY = web.AppKey("directory", Directory)
INVITATIONS = web.AppKey("invitations", Invitations)
