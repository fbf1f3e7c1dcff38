"""Where an answer stands, as the API tells it."""

from rest_framework import serializers

from datasets.choices import ReleaseOutcome
from portal.common.api.fields import PersonSerializer, ToTheMinute


class MessageSerializer(serializers.Serializer):
    """A question of whoever decides, or an answer of whoever asked."""

    text = serializers.CharField()
    by = PersonSerializer()
    created_at = serializers.DateTimeField()


class WaitingSerializer(serializers.Serializer):
    """A dataset on whose share of the answer somebody decides."""

    release = serializers.IntegerField()
    dataset = serializers.IntegerField()
    site = serializers.CharField()
    people = serializers.ListField(child=serializers.CharField())
    messages = MessageSerializer(
        many=True,
        help_text="What they wanted to know first, and what they were answered: for whoever asked "
        "and whoever decides, by tokens of `read:data`.",
    )


class WithholdingSerializer(serializers.Serializer):
    """A dataset whose keeper withheld the answer."""

    dataset = serializers.IntegerField()
    site = serializers.CharField()
    reason = serializers.CharField(
        help_text="For whoever asked and whoever decides, by tokens of `read:data`; else empty."
    )


class StandingSerializer(serializers.Serializer):
    """Whether the answer may be read: while it is held or withheld, only by who reads the rows."""

    status = serializers.ChoiceField(choices=ReleaseOutcome.choices)
    since = ToTheMinute(allow_null=True)
    waiting_for = WaitingSerializer(many=True)
    withheld = WithholdingSerializer(many=True)
    in_part = serializers.ListField(
        child=serializers.CharField(), help_text="Sites that released only what is pooled."
    )
