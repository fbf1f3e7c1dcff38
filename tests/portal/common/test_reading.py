"""Rows are read as the framework's own serializers read them."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.core.exceptions import ObjectDoesNotExist
from rest_framework import serializers

from portal.common.api.fields import PersonSerializer
from portal.common.api.reading import reader


class LessonSerializer(serializers.Serializer):
    title = serializers.CharField()
    teacher = PersonSerializer(allow_null=True)
    guests = PersonSerializer(many=True)
    school = serializers.CharField(source="teacher.school.name", allow_null=True)
    begins = serializers.DateTimeField()
    words = serializers.IntegerField(source="count_words")
    room = serializers.CharField(default="none")
    note = serializers.CharField(required=False)
    shout = serializers.SerializerMethodField()

    def get_shout(self, lesson) -> str:
        return f"{title_of(lesson)}!"


def title_of(lesson) -> str:
    return lesson["title"] if isinstance(lesson, dict) else lesson.title


class Lost:
    """A row whose teacher is gone."""

    title, guests, begins, room, note = "Lost", [], None, "B", ""

    @property
    def teacher(self):
        raise ObjectDoesNotExist

    def count_words(self):
        return 0


ANNA = SimpleNamespace(id=1, name="Anna", school=SimpleNamespace(name="Porto"))
BEGINS = datetime(2026, 3, 1, 9, tzinfo=UTC)
LESSONS = {
    "whole": SimpleNamespace(
        title="Sums",
        teacher=ANNA,
        guests=[ANNA, ANNA],
        begins=BEGINS,
        count_words=lambda: 3,
        room="A",
        note="x",
    ),
    "nobody teaches": SimpleNamespace(
        title="Play", teacher=None, guests=[], begins=BEGINS, count_words=0
    ),
    "a dictionary": {
        "title": "Song",
        "teacher": {"id": 2, "name": "Ben", "school": None},
        "guests": [],
        "begins": BEGINS,
        "count_words": 1,
    },
    "lost": Lost(),
}


@pytest.mark.parametrize("name", LESSONS)
def test_a_row_reads_as_the_serializer_says(name):
    lesson = LESSONS[name]
    assert reader(LessonSerializer())(lesson) == LessonSerializer(lesson).data


def test_a_value_that_is_missing_is_named():
    lesson = SimpleNamespace(title="Sums", teacher=ANNA, guests=[], begins=BEGINS)
    with pytest.raises(AttributeError, match="count_words"):
        reader(LessonSerializer())(lesson)


def test_a_shape_of_its_own_way_keeps_it():
    class Loud(PersonSerializer):
        def to_representation(self, person):
            return {**super().to_representation(person), "loud": True}

    assert reader(Loud())(ANNA) == {"id": 1, "name": "Anna", "loud": True}
