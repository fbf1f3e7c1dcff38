"""`manage.py seed_demo`: people, projects, data and answers; running it twice is fine."""

from typing import Any

from django.core.management import BaseCommand, CommandError

from portal.demo.build import DemoError, build


class Command(BaseCommand):
    help = "Load the demo through the same actions and workers that people use."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            build(self.stdout.write)
        except DemoError as error:
            raise CommandError(str(error)) from error
