"""Handlers that stream, of services in Python that tests of streams call."""
from hearth_stream import END, TAKE


def count(request, to: int):
    """Sends the numbers below one, and returns that."""
    for number in range(to):
        yield number
    return to


def add(request) -> int:
    """Takes numbers and returns their sum."""
    total = 0
    while (number := (yield TAKE)) is not END:
        total += number
    return total


def repeat(request):
    """Sends each item back."""
    while (item := (yield TAKE)) is not END:
        yield item
