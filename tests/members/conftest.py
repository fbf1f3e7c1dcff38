"""What tests of members ask for."""

from collections.abc import Callable

import pytest
from django.core.mail import EmailMessage


@pytest.fixture
def mails(mailoutbox: list[EmailMessage]) -> Callable[[], list[str]]:
    """`mails()`: the texts of all mails so far, in the order in which they were sent."""
    return lambda: [mail.message().as_bytes().decode() for mail in mailoutbox]
