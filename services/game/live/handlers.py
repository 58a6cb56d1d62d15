"""Calls about live games that the gateway forwards for users: parse, call, serialize."""

from uuid import UUID

from aiohttp import web

from services.game.live.keys import LIVE
from shared.plumbing.http.web import calling_user, json_response, read_json, read_query
from shared.wire.games import GameCommand, GamesQuery, MyGamesQuery, OfferGame
from shared.wire.problems import NotFound


async def offer(request: web.Request) -> web.Response:
    """POST /api/threads/{username}/games: 201 ThreadGame, 200 the same again; 404, 409, 422."""
    user, peer = calling_user(request), request.match_info["username"]
    asked = await read_json(request, OfferGame)
    game, created = await request.app[LIVE].games.offer(user, peer, asked)
    return json_response(game, status=201 if created else 200)


async def of_thread(request: web.Request) -> web.Response:
    """GET /api/threads/{username}/games: 200 ThreadGames; 404, 422."""
    user, peer = calling_user(request), request.match_info["username"]
    query = read_query(request, GamesQuery)
    return json_response(await request.app[LIVE].listing.of_thread(user, peer, query))


async def mine(request: web.Request) -> web.Response:
    """GET /api/games: 200 MyGames; 422."""
    query = read_query(request, MyGamesQuery)
    return json_response(await request.app[LIVE].listing.mine(calling_user(request), query))


async def one(request: web.Request) -> web.Response:
    """GET /api/games/{id}: 200 ThreadGame; 404."""
    return json_response(await request.app[LIVE].listing.one(calling_user(request), _id(request)))


async def act(request: web.Request) -> web.Response:
    """POST /api/games/{id}/commands: 200 ThreadGame; 404, 409, 422."""
    user, id = calling_user(request), _id(request)
    command: GameCommand = await read_json(request, GameCommand)  # type: ignore[arg-type]  # a union
    return json_response(await request.app[LIVE].games.act(user, id, command))


def _id(request: web.Request) -> UUID:
    try:
        return UUID(request.match_info["id"])
    except ValueError:
        raise NotFound("There is no such game") from None
