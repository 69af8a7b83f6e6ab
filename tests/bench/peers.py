"""What a user would choose instead, from Debian's packages: each driven as well as its documentation allows."""


def start(folder, workload, transport):
    """Sides of the peers that take part in a workload, over that transport."""
    return []
