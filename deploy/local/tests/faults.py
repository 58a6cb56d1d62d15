"""A program that begins as all do and comes to a failpoint."""

import asyncio
import sys

from shared.plumbing.app import begin
from shared.plumbing.failpoints import reach
from shared.plumbing.settings.config import BaseConfig

begin("auth", BaseConfig)
asyncio.run(reach("somewhere"))
sys.exit("it was not armed")
