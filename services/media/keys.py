"""Where handlers find the parts of the running service."""

from aiohttp import web

from services.media.blobs.files import Files
from services.media.claims import Claims
from services.media.sweeper import Sweeper
from services.media.transfers import Transfers
from services.media.uploads import Uploads
from shared.plumbing.names import Names
from shared.plumbing.postgres.database import Database

CLAIMS = web.AppKey("claims", Claims)
DATABASE = web.AppKey("database", Database)
FILES = web.AppKey("files", Files)
NAMES = web.AppKey("names", Names)
SWEEPER = web.AppKey("sweeper", Sweeper)
TRANSFERS = web.AppKey("transfers", Transfers)
UPLOADS = web.AppKey("uploads", Uploads)
