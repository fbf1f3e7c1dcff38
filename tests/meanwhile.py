"""Somebody else who acts while something goes on."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from members.models import User
from members.profiles import actions as profiles


def acts_elsewhere(user: User) -> None:
    """Changes the person's language over a connection of its own, or fails after two seconds."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(_act, user).result(timeout=30)


def _act(user: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '2s'")
    try:
        language = "" if user.language else "fr"
        profiles.choose_language(language=language, by=user)
    finally:
        connection.close()
