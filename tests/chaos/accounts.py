"""Observers' accounts: within each epoch what was received and what was reported lost is all that was published.

Which epoch a part of an account belongs to is known by the observer's sessions. What it holds must agree: each text is published once, and the broker's
answer said in which epoch, and with which number.
"""
import collections

NOT_EXECUTED = 1
KNOWN_NS = 90_000_000_000   # an observer asks what there is each 30 s; the rest is for calls that fail, stops, and sessions that have died unnoticed
Taken = collections.namedtuple("Taken", "name text number epoch began ended")


class _Part:
    """What an observation was told between two reports of an ended epoch."""

    def __init__(self):
        self.got = []           # (number, text)
        self.spans = []         # (first, last) in the order in which they were told
        self.epoch = None
        self.ups = []           # [begin, end] of sessions, in ns
        self.ended_at = None

    @property
    def last(self):
        return self.spans[-1][1] if self.spans else None

    def covers(self, number):
        return any(first <= number <= last for first, last in self.spans)

    def had_time_for(self, taken):
        """Whether a session went on for long after it."""
        return any(end is not None and max(begin, taken.ended) + KNOWN_NS < end for begin, end in self.ups)


class _Observation:
    def __init__(self, program):
        self.program, self.name, self.live_ns = program, None, None
        self.parts = [_Part()]
        self.unreported = []    # epochs whose end was not told
        for words in program.lines:
            getattr(self, f"_{words[0].lower()}", lambda *_: None)(*words[1:])

    def _observe(self, name, _):
        self.name = name

    def _live(self, at):
        self.live_ns = int(at)

    def _session(self, epoch, at):
        part = self.parts[-1]
        if self.live_ns is not None and part.epoch not in (None, epoch):
            self.unreported.append(part.epoch)
        part.epoch, part.ups = epoch, part.ups if part.epoch == epoch else []
        part.ups.append([int(at), None])

    def _down(self, at):
        if self.parts[-1].ups:
            self.parts[-1].ups[-1][1] = int(at)

    def _got(self, number, text):
        self.parts[-1].got.append((int(number), text))
        self.parts[-1].spans.append((int(number), int(number)))

    def _lost(self, number, lost):
        self.parts[-1].spans.append((int(number) - int(lost) + 1, int(number)))

    def _epoch(self, number):
        self.parts[-1].ended_at = int(number)
        self.parts.append(_Part())


class Accounts:
    def __init__(self, journals):
        self._journals = journals
        self.published, self.taken, self._never = {}, {}, set()
        self.asked, self.answered = {}, {}      # by text: who published it, and when; when the broker's answer was there
        for program in journals.programs:
            for words in program.lines:
                self._read_publisher(program, words)
        self.by_epoch = collections.defaultdict(list)
        for taken in self.taken.values():
            self.by_epoch[taken.name, taken.epoch].append(taken)
        self.observations = [one for one in map(_Observation, journals.programs) if one.name]
        parts = [part for one in self.observations for part in one.parts]
        self.told = sum(len(part.got) for part in parts)
        self.lost = sum(last - first + 1 for part in parts for first, last in part.spans) - self.told
        self.epochs = {epoch for _, epoch in self.by_epoch} - {"-"}

    def _read_publisher(self, program, words):
        if words[0] == "PUBLISH":
            self.published[words[2]] = (words[1], int(words[4]))
            self.asked[words[2]] = (program, int(words[4]))
        elif words[0] in ("TAKEN", "REFUSED"):
            self.answered[words[1]] = int(words[4])
        if words[0] == "TAKEN":
            name, began = self.published[words[1]]
            self.taken[words[1]] = Taken(name, words[1], int(words[2]), words[3], began, int(words[4]))
        elif words[0] == "REFUSED" and int(words[3]) == NOT_EXECUTED:
            self._never.add(words[1])

    def check(self):
        """Violations, as sentences and lines."""
        for name, text in self.behind():
            yield f"{name} was not told of the last notification, {text}", []
        for one in self.observations:
            texts = [text for part in one.parts for _, text in part.got]
            told = [f"{one.program.name} observes {one.name}"]
            for text, times in collections.Counter(texts).items():
                if times > 1 or text in self._never or self.published.get(text, ("",))[0] != one.name:
                    yield f"{one.program.name} was told {text} {times} times, which nobody published so", told
            for epoch in one.unreported:
                yield f"{one.program.name} was not told of the end of {epoch}", told
            for at, part in enumerate(one.parts):
                yield from ((f"{one.program.name} {sentence}", told) for sentence in self._check_part(one, at, part))

    def _check_part(self, one, at, part):
        for (_, last), (first, _) in zip(part.spans, part.spans[1:]):
            if first != last + 1:
                yield f"was told of {first} after {last}"
        for number, text in part.got:
            if text in self.taken and self.taken[text].number != number:
                yield f"was told {text} as {number}, and the broker said {self.taken[text].number}"
        epochs = {part.epoch, *(self.taken[text].epoch for _, text in part.got if text in self.taken)} - {None, "-"}
        if len(epochs) > 1:
            yield f"was told of the epochs {sorted(epochs)} as of one"
        elif part.epoch and (at > 0 or one.live_ns is not None):
            yield from self._check_complete(one, part, one.live_ns if at == 0 else 0)
        elif part.spans:
            yield "was told something without a session"

    def _check_complete(self, one, part, since):
        """All that was taken in the epoch while it was observed, up to where the account ends, however little was told before that."""
        is_last = part is one.parts[-1]
        if is_last and self._journals.was_killed(one.program):
            until = part.last or 0
        elif is_last:
            until = float("inf")
        else:
            until = part.ended_at
        for taken in self.by_epoch[one.name, part.epoch]:
            if taken.began <= since or part.covers(taken.number):
                continue
            if taken.number <= until:
                yield f"was not told of {taken.text}, number {taken.number} of {part.epoch}"
            elif part.had_time_for(taken):
                yield f"was not told of {taken.text}, number {taken.number} of {part.epoch}, for which it had time"

    def _lasts(self):
        """The last notification of each name."""
        lasts = {}
        for taken in self.taken.values():
            lasts[taken.name] = max(lasts.get(taken.name, taken), taken, key=lambda one: one.began)
        return lasts

    def behind(self):
        """The observers that have not begun or not come to the last notification, with that; a run waits until there is none."""
        lasts = self._lasts()
        for one in self.observations:
            last = lasts.get(one.name)
            if not last or self._journals.was_killed(one.program):
                continue
            if one.live_ns is None or last.began > one.live_ns and not one.parts[-1].covers(last.number):
                yield one.program.name, last.text
