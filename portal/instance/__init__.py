"""A real PostgreSQL and a real Valkey of the instance's own, for the demo and the tests.

Production points DATABASE_URL and REDIS_URL at servers of its own; then nothing here starts.
"""

from portal.instance.errors import CannotStart
from portal.instance.home import Home, prepare_environment
from portal.instance.servers import Servers, running_servers

__all__ = ["CannotStart", "Home", "Servers", "prepare_environment", "running_servers"]
