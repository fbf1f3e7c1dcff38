"""How the API describes itself in OpenAPI."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import force_instance

from portal.common.api.bodies import BodySerializer
from portal.common.api.problems import PROBLEM_JSON


class ProblemAutoSchema(AutoSchema):
    """OpenAPI where every operation also names its problem+json answers."""

    def get_operation_id(self) -> str:
        """As the library names it, with `list` where the address ends in a plural noun."""
        last = self.path.rstrip("/").rpartition("/")[2]
        named = super().get_operation_id()
        if self.method == "GET" and last.endswith("s"):
            return named.removesuffix("_retrieve").removesuffix("_list") + "_list"
        return named

    def _map_serializer(
        self, serializer: Any, direction: str, bypass_extensions: bool = False
    ) -> dict[str, Any]:
        """The library's own schema; closed where unknown fields of a body are refused."""
        schema = super()._map_serializer(serializer, direction, bypass_extensions)
        if direction == "request" and isinstance(force_instance(serializer), BodySerializer):
            return {**schema, "additionalProperties": False}
        return schema

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args, **kwargs)
        if operation:
            answer = {
                "description": "Problem (RFC 9457)",
                "content": {PROBLEM_JSON: {"schema": {"type": "object"}}},
            }
            for code in ("400", "401", "403", "404", "409", "429"):
                operation["responses"].setdefault(code, answer)
        return operation
