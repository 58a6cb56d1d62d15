"""Where handlers find the parts of the running service."""

from aiohttp import web

from services.threads.append import Appender
from services.threads.feed import Feed
from services.threads.heads import Heads
from services.threads.history import History
from services.threads.inbox import Inbox
from services.threads.member_states import MemberStates
from services.threads.program_log import ProgramLog
from services.threads.reads import Reads
from services.threads.search import Search
from services.threads.standing import StandingQuestions

APPENDER = web.AppKey("appender", Appender)
READS = web.AppKey("reads", Reads)
HISTORY = web.AppKey("history", History)
HEADS = web.AppKey("heads", Heads)
FEED = web.AppKey("feed", Feed)
INBOX = web.AppKey("inbox", Inbox)
MEMBER_STATES = web.AppKey("member_states", MemberStates)
SEARCH = web.AppKey("search", Search)
PROGRAM_LOG = web.AppKey("program_log", ProgramLog)
STANDING = web.AppKey("standing", StandingQuestions)
