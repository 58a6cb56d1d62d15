"""The live games: every change is one transaction, which also writes the event to post."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from services.game.live import caps, due, queries, results, rules
from services.game.live.people import People
from services.game.live.queries import Standing
from services.game.live.record import Pair, Record, fingerprint, for_member
from services.game.live.state import OPEN, due_at, is_over, waits_for
from shared.plumbing.failpoints import reach
from shared.plumbing.identity import User
from shared.plumbing.postgres.database import Connection, Database
from shared.wire.accounts import AI_USER
from shared.wire.games import (
    Accept,
    Game,
    GameCommand,
    OfferGame,
    Rematch,
    ThreadGame,
)
from shared.wire.ids import fold, uuid7
from shared.wire.problems import Conflict, FieldError, Invalid, TooManyGames, Unavailable


class Games:
    """on_change: called after each commit, when there is something to post. pace: of an AI that plays itself."""

    def __init__(
        self, database: Database, people: People, on_change: Callable[[], None], pace: timedelta
    ) -> None:
        self._database = database
        self._people = people
        self._on_change = on_change
        self._pace = pace

    async def offer(self, user: User, peer_name: str, asked: OfferGame) -> tuple[ThreadGame, bool]:
        """A new game, and whether it is new. Raises NotFound, Invalid, Conflict, TooManyGames."""
        pair = await self._people.pair(user, peer_name)
        if pair.low == AI_USER:
            _seat_by_level(asked)
        print_ = fingerprint((fold(peer_name), asked))
        try:
            async with self._database.transaction() as conn:
                if known := await _repeated(conn, user, asked.client_id, print_):
                    return known.seen_by(user.id), False
                game = rules.offered(
                    uuid7(),
                    user.username,
                    pair.peer_name(user.id),
                    asked,
                    swap=asked.toss and secrets.choice((True, False)),
                    now=await queries.now(conn),
                    score=await results.score(conn, pair),
                )
                record = await self._begin(conn, pair, game, user, asked.client_id, print_)
        except (asyncpg.UniqueViolationError, TooManyGames):  # perhaps the same call, made twice at once
            async with self._database.connection() as conn:
                if known := await _repeated(conn, user, asked.client_id, print_):
                    return known.seen_by(user.id), False
            raise
        await self._changed()
        return record.seen_by(user.id), True

    async def act(self, user: User, id: UUID, command: GameCommand) -> ThreadGame:
        """The game after the command (after a rematch, the new one).

        Raises NotFound, NotNow, Stale, Conflict, Invalid, TooManyGames; Unavailable after an outage, until the clock
        is right again.
        """
        print_ = fingerprint(command)
        try:
            record, fallen = await self._act(user, id, command, print_)
        except asyncpg.UniqueViolationError:
            raise _used_otherwise() from None
        if fallen:
            raise is_over()
        return record.seen_by(user.id)

    async def _act(self, user: User, id: UUID, command: GameCommand, print_: str) -> tuple[Record, bool]:
        """The game afterwards, and whether it was lost on time before the command came."""
        async with self._database.transaction() as conn:
            record, now = await _locked(conn, user, id)
            known = await queries.command(conn, id, user.id, command.client_id)
            if known is not None:
                return await _again(conn, record, command, known, print_), False
            await _need_right_clock(conn, record.game)
            fallen = rules.flag_fallen(record.game, now)
            if fallen is not None:
                await self._keep(conn, record, fallen)
            else:
                await queries.remember(conn, id, user.id, command.client_id, print_)
                record = await self._do(conn, record, user, command, now)
            await reach("game.before_commit")
        await self._changed()
        return record, fallen is not None

    async def play(self, id: UUID, version: int, cell: int) -> None:
        """Makes the AI's move, chosen at `version`; does nothing if the game has changed since.

        Raises Unavailable as `act`.
        """
        async with self._database.transaction() as conn:
            found = await queries.lock(conn, id)
            if found is None or found[0].game.version != version:
                return
            record, now = found
            await _need_right_clock(conn, record.game)
            after = rules.flag_fallen(record.game, now) or rules.place(record.game, cell, None, now)
            await self._keep(conn, record, after)
            await reach("game.before_commit")
        await self._changed()

    async def watch_clock(self, id: UUID) -> None:
        """Ends the game if a flag is down. Raises Unavailable as `act`."""
        async with self._database.transaction() as conn:
            found = await queries.lock(conn, id)
            if found is None:
                return
            record, now = found
            await _need_right_clock(conn, record.game)
            fallen = rules.flag_fallen(record.game, now)
            if fallen is None:
                await queries.update(conn, record, self._standing(record))
                return
            await self._keep(conn, record, fallen)
        await self._changed()

    async def give_back(self) -> None:
        """After an outage, gives back the time in which clocks ran and nobody could play, and notes that it is over.

        All in one transaction: if the process dies meanwhile nothing was given, and of several one gives it.
        """
        async with self._database.transaction() as conn:
            away = await due.away(conn, lock=True)
            for game in await due.timed(conn) if away > due.AWAY else []:
                await reach("game.before_resume")
                if (found := await queries.lock(conn, game.id)) is not None:
                    await self._resume(conn, *found, away)
            await due.beat(conn)
        await self._changed()

    async def _resume(self, conn: Connection, record: Record, now: datetime, away: timedelta) -> None:
        resumed = rules.resumed(record.game, away, now)
        if resumed is not None:
            await self._keep(conn, record, resumed)

    async def _do(
        self, conn: Connection, record: Record, user: User, command: GameCommand, now: datetime
    ) -> Record:
        if isinstance(command, Rematch):
            return await self._rematch(conn, record, user, command, now)
        return await self._keep(conn, record, rules.act(record.game, user.username, command, now))

    async def _rematch(
        self, conn: Connection, record: Record, user: User, command: Rematch, now: datetime
    ) -> Record:
        """A new game; or, if the other member has already asked for one, that one, accepted."""
        asked = await queries.rematch(conn, record.game.id)
        if asked is None or asked.game.phase not in OPEN:
            game = rules.rematch(record.game, uuid7(), user.username, now)
            return await self._begin(conn, record.pair, game, user, command.client_id, fingerprint(command))
        asked, now = await _locked(conn, user, asked.game.id)
        if asked.game.phase != "offered" or asked.game.offered_by == user.username:
            return asked
        return await self._keep(
            conn, asked, rules.act(asked.game, user.username, Accept(client_id=command.client_id), now)
        )

    async def _begin(
        self, conn: Connection, pair: Pair, game: Game, user: User, client_id: UUID, print_: str
    ) -> Record:
        await caps.check(conn, pair, game, user.id)
        record = Record(pair, await results.begun(conn, pair, game))
        await queries.insert(conn, record, self._standing(record), user.id, client_id, print_)
        await queries.note(conn, record)
        return record

    async def _keep(self, conn: Connection, record: Record, game: Game) -> Record:
        """Writes the changed game, the score if the game has ended, and the event."""
        if game.phase == "finished":
            game = await results.counted(conn, record, game)
        kept = record.with_game(game)
        await queries.update(conn, kept, self._standing(kept))
        await queries.note(conn, kept)
        return kept

    def _standing(self, record: Record) -> Standing:
        game, pair = record.game, record.pair
        waits = frozenset(pair.id_of(name) for name in waits_for(game))
        return Standing(due_at(game, self._pace), game.phase in OPEN, waits)

    async def _changed(self) -> None:
        await reach("game.after_commit")
        self._on_change()


def _seat_by_level(asked: OfferGame) -> None:
    for side, seated in (("x", asked.x), ("o", asked.o)):
        if seated == "peer":
            raise Invalid([FieldError(f"/{side}", "must be a level: the other one here is the AI")])


async def _locked(conn: Connection, user: User, id: UUID) -> tuple[Record, datetime]:
    found = await queries.lock(conn, id)
    record = for_member(found and found[0], user.id)
    return record, found[1] if found else record.game.at


async def _need_right_clock(conn: Connection, game: Game) -> None:
    """Raises Unavailable until the sweeper has given back the time in which nobody could play."""
    if game.clock is not None and game.clock.running is not None and await due.away(conn) > due.AWAY:
        raise Unavailable("The clock is being set right. Try again.")


async def _repeated(conn: Connection, user: User, client_id: UUID, print_: str) -> Record | None:
    known = await queries.by_client_id(conn, user.id, client_id)
    if known is None:
        return None
    _same(known[1], print_)
    return known[0]


async def _again(conn: Connection, record: Record, command: GameCommand, known: str, print_: str) -> Record:
    """What a repeated command is answered with. Raises Conflict if it differs from the first one."""
    _same(known, print_)
    asked = await queries.rematch(conn, record.game.id) if isinstance(command, Rematch) else None
    return asked or record


def _same(known: str, print_: str) -> None:
    if known != print_:
        raise _used_otherwise()


def _used_otherwise() -> Conflict:
    errors = [FieldError("/client_id", "was used for something else")]
    return Conflict("This client_id was used for something else.", errors=errors)
