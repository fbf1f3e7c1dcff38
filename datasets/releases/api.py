"""Outputs to release, over the API."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from datasets.analyses.api import LARGE
from datasets.analyses.standing_api import MessageSerializer
from datasets.analyses.titles import title_of, titles_of
from datasets.choices import ReleaseDecision, ReleaseOutcome, ReleasePolicy
from datasets.datasets.permissions import lacks_scope
from datasets.engine.guard.vocabulary import Risk, Statbarn
from datasets.releases import actions as releases
from datasets.releases import messages
from datasets.releases.models import SHOWN, Release
from datasets.releases.permissions import ReleasePermission, require_asker, require_decision
from datasets.releases.rules import rules_kept
from datasets.releases.shown import (
    answer_of,
    decisions_for,
    held_for,
    kept_back,
    question_on,
    statbarns_of,
)
from members.choices import Scope
from portal.common.api.bodies import BodySerializer
from portal.common.api.fields import AddressField, ChoiceOrNull, PersonSerializer, TextOrNull
from portal.common.api.pages import FilterSerializer, narrowed, ordering
from portal.common.api.views import ApiView, reads_data

RISKS = [one.value for one in Risk]


class QuestionSerializer(serializers.Serializer):
    """What whoever asked was asked last before a decision, and answered."""

    asked_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)


class ReleaseLineSerializer(serializers.Serializer):
    """One dataset's share of an output."""

    id = serializers.IntegerField()
    url = AddressField("api-release", "pk")
    analysis = serializers.IntegerField(source="analysis_id")
    title = serializers.SerializerMethodField()
    project = serializers.CharField(source="analysis.project.slug")
    method = serializers.CharField(source="analysis.method")
    dataset = serializers.IntegerField(source="dataset_id")
    site = serializers.CharField(source="dataset.site.name")
    asked_by = PersonSerializer(source="analysis.created_by")
    purpose = serializers.CharField(source="analysis.purpose")
    outcome = serializers.ChoiceField(choices=ReleaseOutcome.choices)
    policy = serializers.ChoiceField(choices=ReleasePolicy.choices)
    contributes = serializers.BooleanField()
    decision = ChoiceOrNull(ReleaseDecision.choices, allow_null=True)
    reason = TextOrNull(allow_null=True)
    decided_by = PersonSerializer(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    confirmed_by = PersonSerializer(allow_null=True)
    confirmed_at = serializers.DateTimeField(allow_null=True)
    question = serializers.SerializerMethodField(
        help_text="Null where nobody wanted to know anything before deciding."
    )
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_title(self, release: Release) -> str:
        titles = self.context.get("titles")
        return titles[release.analysis_id] if titles else title_of(release.analysis)

    @extend_schema_field(QuestionSerializer(allow_null=True))
    def get_question(self, release: Release) -> Any:
        asked = question_on(release)
        return asked and QuestionSerializer(asked).data


class HeldSerializer(serializers.Serializer):
    """Why a question was held before anything of it was added."""

    rule = serializers.CharField()
    text = serializers.CharField()
    risk = serializers.ChoiceField(choices=RISKS)


class KeptBackSerializer(serializers.Serializer):
    """What the dataset's rules held back: which rule, by how much, and for which risk."""

    where = serializers.CharField()
    reason = serializers.CharField()
    risk = serializers.ChoiceField(
        choices=RISKS, allow_null=True, help_text="Null where an earlier version kept none."
    )


class RuleSerializer(serializers.Serializer):
    """A rule that the output had to pass, and what it found."""

    risk = serializers.ChoiceField(choices=RISKS)
    asked = serializers.CharField()
    found = serializers.CharField(help_text="Empty where no figure of it is kept.")
    passed = serializers.BooleanField(
        allow_null=True, help_text="Null while the dataset's share is held before it is added."
    )


class ReleaseSerializer(ReleaseLineSerializer):
    """The same with the output as people without row rights would read it."""

    messages = MessageSerializer(many=True, source="messages.all")

    held_by = serializers.SerializerMethodField(help_text="Rules that held it, in words.")
    held = serializers.SerializerMethodField(help_text="The same, each with the risk it is for.")
    decisions = serializers.SerializerMethodField(help_text="What the caller may decide now.")
    result = serializers.SerializerMethodField()
    statbarns = serializers.SerializerMethodField(
        help_text="The kinds of statistics in `result`, by the names that SACRO publishes."
    )
    kept_back = serializers.SerializerMethodField(
        help_text="What the dataset’s rules held back, and by how much; null without row rights."
    )
    withheld = serializers.SerializerMethodField(
        help_text="The same with the risk that each is withheld for; null without row rights."
    )

    rules = serializers.SerializerMethodField(
        help_text="Every rule of the dataset that the output had to pass; null without row rights."
    )

    @extend_schema_field(RuleSerializer(many=True, allow_null=True))
    def get_rules(self, release: Release) -> Any:
        withheld, answer = self.context["withheld"], self.context["answer"]
        if withheld is None:
            return None
        kept = rules_kept(release, withheld, held_for(release), answer.result if answer else {})
        return RuleSerializer(kept, many=True).data

    def get_held_by(self, release: Release) -> list[str]:
        return [one["text"] for one in held_for(release)]

    @extend_schema_field(HeldSerializer(many=True))
    def get_held(self, release: Release) -> Any:
        return held_for(release)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_decisions(self, release: Release) -> list[str]:
        return decisions_for(self.context["request"].user, release)

    @extend_schema_field(serializers.DictField(allow_null=True))
    def get_result(self, release: Release) -> Any:
        answer = self.context["answer"]
        return answer.result if answer else None

    @extend_schema_field(
        serializers.ListField(
            child=serializers.ChoiceField(choices=[one.value for one in Statbarn])
        )
    )
    def get_statbarns(self, release: Release) -> list[str]:
        return [one.value for one in statbarns_of(self.context["answer"], release)]

    @extend_schema_field(serializers.ListField(child=serializers.CharField(), allow_null=True))
    def get_kept_back(self, release: Release) -> list[str] | None:
        withheld = self.context["withheld"]
        return withheld and [f"{one['where']}: {one['reason']}" for one in withheld]

    @extend_schema_field(KeptBackSerializer(many=True, allow_null=True))
    def get_withheld(self, release: Release) -> Any:
        return self.context["withheld"]


class MessageBodySerializer(BodySerializer):
    """What one wants to know, or answers."""

    text = serializers.CharField(max_length=messages.LONGEST)


class DecisionSerializer(BodySerializer):
    """What becomes of it; withholding needs a reason, which whoever asked reads."""

    decision = serializers.ChoiceField(choices=ReleaseDecision.choices)
    reason = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class ReleaseFilterSerializer(FilterSerializer):
    """What the list can be narrowed to."""

    outcome = serializers.ChoiceField(choices=ReleaseOutcome.choices, required=False)
    dataset = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


class Releases(ApiView):
    """The outputs of datasets that the caller keeps."""

    scopes = {"GET": Scope.READ_DATA}
    ordering_fields = ("created_at", "updated_at")
    default_ordering = ("created_at", "id")

    @extend_schema(
        operation_id="releases_list",
        parameters=[ReleaseFilterSerializer, ordering(*ordering_fields)],
        responses=ReleaseLineSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """List outputs, the oldest first."""
        asked = self.asked(ReleaseFilterSerializer)
        found = Release.objects.visible_to(self.user).select_related(*SHOWN, *DECIDERS)
        found = found.defer(*(f"analysis__{name}" for name in LARGE)).prefetch_related("messages")
        found = narrowed(found, asked, outcome="outcome", dataset="dataset")
        return self.page(ReleaseLineSerializer, found, beside=titled)


def titled(releases: list[Release]) -> dict[str, Any]:
    """What the analyses of a page of them are called."""
    return {"titles": titles_of([one.analysis for one in releases])}


DECIDERS = ("decided_by", "confirmed_by")


class ReleaseView(ApiView):
    """A call on one output."""

    release: Release

    def find(self, request: Request, **kwargs: Any) -> None:
        visible = Release.objects.visible_to(request.user).select_related(*SHOWN, *DECIDERS)
        self.release = get_object_or_404(visible.prefetch_related("messages__by"), pk=kwargs["pk"])

    def judge(self, need: Any) -> None:
        require_decision(self.user, self.release)


class ReleaseDetail(ReleaseView):
    """One output."""

    scopes = {"GET": Scope.READ_DATA}

    @extend_schema(operation_id="releases_read", responses=ReleaseSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Look at an output before it leaves, as people without row rights would read it."""
        return self.shown(
            ReleaseSerializer,
            self.release,
            answer=answer_of(self.user, self.release),
            withheld=kept_back(self.user, self.release),
        )


class ReleaseDecide(ReleaseView):
    """The decision on an output."""

    scopes = {"POST": Scope.WRITE_DATA}
    needs = ReleasePermission.DECIDE

    def judge(self, need: Any) -> None:
        super().judge(need)
        # Its own question, held as too close to another one, it would let pass and read.
        if not reads_data(self.request):
            raise lacks_scope()

    @extend_schema(
        operation_id="releases_decide", request=DecisionSerializer, responses=ReleaseLineSerializer
    )
    def post(self, request: Request, pk: int) -> Response:
        """Release it, release only what is pooled, or withhold it; take a release back.

        By tokens of `read:data` beside `write:data`: whoever decides can look at the output.
        """
        decided = releases.decide(
            release=self.release, by=self.user, **self.sent(DecisionSerializer)
        )
        return self.shown(ReleaseLineSerializer, decided)


class ReleaseAsk(ReleaseView):
    """A question before the decision."""

    scopes = {"POST": Scope.WRITE_DATA}
    needs = ReleasePermission.DECIDE

    @extend_schema(
        operation_id="releases_ask",
        request=MessageBodySerializer,
        responses={201: MessageSerializer},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Ask whoever put the question something first; the output stays held."""
        text = self.sent(MessageBodySerializer)["text"]
        asked = messages.ask(release=self.release, text=text, by=self.user)
        return self.shown(MessageSerializer, asked, status=201)


class ReleaseAnswer(ReleaseView):
    """An answer to such a question."""

    scopes = {"POST": Scope.WRITE_DATA}
    needs = ReleasePermission.ANSWER

    def find(self, request: Request, **kwargs: Any) -> None:
        asked = Release.objects.asked_by(request.user).select_related(*SHOWN)
        self.release = get_object_or_404(asked, pk=kwargs["pk"])

    def judge(self, need: Any) -> None:
        require_asker(self.user, self.release)

    @extend_schema(
        operation_id="releases_answer",
        request=MessageBodySerializer,
        responses={201: MessageSerializer},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Answer what people of the data asked, by whoever put the question."""
        text = self.sent(MessageBodySerializer)["text"]
        said = messages.answer(release=self.release, text=text, by=self.user)
        return self.shown(MessageSerializer, said, status=201)
