"""Every model of the app."""

from portal.common.api.idempotency import IdempotencyKey

__all__ = ["IdempotencyKey"]
