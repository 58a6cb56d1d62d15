"""POST /login: a Django session, as django.contrib.auth makes it."""

import json

from django.contrib.auth import alogin, get_user_model
from django.http import HttpRequest, JsonResponse
from django.urls import path


async def log_in(request: HttpRequest) -> JsonResponse:
    username = json.loads(request.body)["username"]
    user, _ = await get_user_model().objects.aget_or_create(username=username)
    await alogin(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return JsonResponse({"username": username})


urlpatterns = [path("login", log_in)]
