"""How many calls somebody may make."""

from typing import Any, cast

from django.core.cache import caches
from rest_framework import throttling
from rest_framework.request import Request


class RateLimit(throttling.SimpleRateThrottle):
    """A rate per account, or per address for the unknown; the view tells it in headers."""

    scope = "user"
    cache = caches["local"]

    def get_rate(self) -> str | None:
        return self.THROTTLE_RATES["user"]

    def get_cache_key(self, request: Request, view: Any) -> str:
        user = request.user
        if user and user.is_authenticated:
            return f"throttle-user-{user.pk}"
        self.rate = self.THROTTLE_RATES["anon"]
        self.num_requests, self.duration = self.parse_rate(self.rate)
        return f"throttle-anon-{self.get_ident(request)}"

    def allow_request(self, request: Request, view: Any) -> bool:
        allowed = super().allow_request(request, view)
        used = len(self.history) if hasattr(self, "history") else 0
        # Our rates are never None, which would mean no limit.
        limit, seconds = cast(int, self.num_requests), cast(int, self.duration)
        view.rate_limit = {"limit": limit, "remaining": max(limit - used, 0), "reset": seconds}
        return allowed
