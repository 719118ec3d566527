"""Museums, theatres, observatories, festivals and prizes."""

from __future__ import annotations

from agemem_env.engines.hotpotqa.world.schema import Compare, Kind, Relation

_OLD_HOUSE = (
    "{S} is open every day except Monday.", "{S} was flooded twice and rebuilt both times.",
    "{S} is run by a foundation.", "Entry to {s} is free for schoolchildren.",
    "The staircase of {s} is a listed monument.", "{S} was used as a field hospital for a time.",
)  # fmt: skip

INSTITUTION_KINDS: tuple[Kind, ...] = (
    Kind(
        "museum", "museum",
        ("~<surname> Museum", "~<place> Museum of Art", "~Museum of <place>", "~<surname> Collection",
        "~<place> Maritime Museum"),
        (1845, 1985),
        ("{S} is a museum in {country}.", "{S} is a {nation} museum."),
        _OLD_HOUSE,
    ),
    Kind(
        "theatre", "theatre",
        ("~<surname> Theatre", "~<place> Opera House", "~<adj> <noun> Theatre", "~Theatre of <place>"),
        (1780, 1960),
        ("{S} is a theatre in {country}.", "{S} is a {nation} theatre."),
        _OLD_HOUSE,
    ),
    Kind(
        "observatory", "observatory",
        ("~<surname> Observatory", "~<place> Observatory", "~<given> <surname> Observatory"),
        (1820, 1975),
        ("{S} is an observatory in {country}.", "{S} is a {nation} astronomical observatory."),
        ("Light from a nearby town now troubles {s}.", "{S} opens its dome to visitors on clear Fridays.",
        "At least {#3-40} minor planets were found at {s}."),
    ),
    Kind(
        "festival", "festival",
        ("~<place> Jazz Festival", "~<place> Film Festival", "~<surname> Festival", "~<adj> <noun> Festival",
        "~Festival of <place>"),
        (1925, 1995),
        ("{S} is an annual {nation} festival.", "{S} is a festival in {country}."),
        ("{S} has been rained off only once.", "Tickets for {s} are drawn by lot.", "{S} lasts {#3-12} days.",
        "{S} is organised by volunteers."),
    ),
    Kind(
        "prize", "prize",
        ("~<surname> Prize", "~<given> <surname> Medal", "~<place> Prize", "~<adj> <noun> Award"),
        (1880, 1985),
        ("{S} is a {nation} prize.", "{S} is an award given in {country}."),
        ("{S} is never shared.", "Winners of {s} receive a silver key.", "{S} is announced at breakfast.",
        "Nobody has ever declined {s}."),
    ),
)  # fmt: skip


def _older(ask: str, pick: str) -> tuple[Compare, ...]:
    return (Compare(False, ask, pick),)


INSTITUTION_RELATIONS: tuple[Relation, ...] = (
    Relation(
        "architect", "museum", "architect",
        ("The building of {s} was designed by {o}.", "{S} was built to plans by {o}.",
        "{o} was the architect of {s}."),
        ("Who designed the building of {s}?", "Who was the architect of {s}?"),
        of=("the architect of {s}", "the person who designed the building of {s}"),
        by=("the museum designed by {o}",), lag=(-58, -27), inverse="building",
    ),
    Relation(
        "town", "museum", "town",
        ("{S} is in {o}.", "{S} stands on the market square of {o}.",
        "{S} occupies an old customs house in {o}."),
        ("In which town is {s}?", "Where is {s}?"),
        of=("the town in which {s} stands", "the town that is home to {s}"), local=True,
    ),
    Relation(
        "collection", "museum", "collection",
        ("{S} is known for its collection of {o}.", "{S} owns the largest collection of {o} in the country."),
        ("For its collection of what is {s} known?", "What does {s} collect?"),
    ),
    Relation(
        "year", "museum", "year",
        ("{S} opened in {o}.", "{S} has been open to the public since {o}."),
        ("In which year did {s} open?", "Since which year has {s} been open to the public?"),
        lag=(0, 0), compare=_older("Which museum opened first, {a} or {b}?", "the older of {a} and {b}"),
    ),
    Relation(
        "visitors", "museum", "number",
        ("{S} has about {o} a year.", "Each year {s} counts some {o}."),
        ("How many visitors does {s} have a year?",),
        span=(3100, 890000), unit="visitors",
    ),
    Relation(
        "architect", "theatre", "architect",
        ("{S} was designed by {o}.", "{o} was the architect of {s}.",
        "{S} is considered the finest work of {o}."),
        ("Who designed {s}?", "Who was the architect of {s}?"),
        of=("the architect of {s}", "the person who designed {s}"), by=("the theatre designed by {o}",),
        lag=(-58, -27), inverse="theatre_built", both="Were {a} and {b} designed by the same architect?",
    ),
    Relation(
        "town", "theatre", "town",
        ("{S} is in {o}.", "{S} stands by the harbour of {o}.", "{S} is the largest theatre in {o}."),
        ("In which town is {s}?",),
        of=("the town in which {s} stands",), local=True,
    ),
    Relation(
        "seats", "theatre", "number",
        ("{S} seats {o}.", "The main hall of {s} holds {o}."),
        ("How many people does {s} seat?", "How many people does the main hall of {s} hold?"),
        span=(140, 3900), unit="people", compare=(Compare(True,
        "Which theatre seats more people, {a} or {b}?", "the larger of {a} and {b}"),),
    ),
    Relation(
        "year", "theatre", "year",
        ("{S} opened in {o}.", "{S} was inaugurated in {o}."),
        ("In which year did {s} open?", "When was {s} inaugurated?"),
        lag=(0, 0), compare=_older("Which theatre opened first, {a} or {b}?", "the older of {a} and {b}"),
    ),
    Relation(
        "site", "observatory", "mountain",
        ("{S} stands on {o}.", "{S} was built near the top of {o}.",
        "{S} lies on the southern slope of {o}."),
        ("On which mountain does {s} stand?", "On which mountain was {s} built?"),
        of=("the mountain on which {s} stands", "the mountain on which {s} was built"), local=True,
    ),
    Relation(
        "telescope", "observatory", "number",
        ("The main telescope of {s} has an aperture of {o}.", "{S} has a telescope with a mirror of {o}."),
        ("What is the aperture of the main telescope of {s}?",),
        span=(21, 410), unit="centimetres", compare=(Compare(True,
        "Which has the larger telescope, {a} or {b}?",
        "the one of {a} and {b} that has the larger telescope"),),
    ),
    Relation(
        "owner", "observatory", "university",
        ("{S} belongs to {o}.", "{S} is run by {o}.", "{S} is part of {o}."),
        ("Which university runs {s}?", "To which university does {s} belong?"),
        of=("the university that runs {s}",), lag=(-150, -2),
    ),
    Relation(
        "year", "observatory", "year",
        ("{S} was completed in {o}.", "Work on {s} was completed in {o}."),
        ("In which year was {s} completed?", "When was {s} completed?"),
        lag=(0, 0), compare=_older("Which observatory is older, {a} or {b}?", "the older of {a} and {b}"),
    ),
    Relation(
        "town", "festival", "town",
        ("{S} takes place in {o}.", "{S} is held in {o}.", "{S} fills the streets of {o}."),
        ("In which town does {s} take place?", "Where is {s} held?"),
        of=("the town in which {s} takes place", "the town that hosts {s}"), local=True,
        both="Do {a} and {b} take place in the same town?",
    ),
    Relation(
        "founder", "festival", "composer",
        ("{S} was founded by the composer {o}.", "The composer {o} started {s} with three friends."),
        ("Who founded {s}?",),
        of=("the founder of {s}", "the composer who founded {s}"), by=("the festival founded by {o}",),
        lag=(-60, -26),
    ),
    Relation(
        "year", "festival", "year",
        ("{S} was first held in {o}.", "{S} began in {o}."),
        ("In which year was {s} first held?", "When did {s} begin?"),
        lag=(0, 0), compare=_older("Which festival is older, {a} or {b}?", "the older of {a} and {b}"),
    ),
    Relation(
        "namesake", "prize", "poet",
        ("{S} commemorates {o}.", "{S} was set up in memory of the poet {o}.", "{S} honours the poet {o}."),
        ("Whom does {s} commemorate?", "In memory of whom was {s} set up?"),
        of=("the poet commemorated by {s}", "the poet in whose memory {s} was set up"), lag=(-95, -75),
    ),
    Relation(
        "winner", "prize", "novelist",
        ("The first winner of {s} was {o}.", "{o} was the first to receive {s}.",
        "{S} went to {o} when it was first awarded."),
        ("Who was the first winner of {s}?", "Who was the first to receive {s}?"),
        of=("the first winner of {s}", "the novelist who first received {s}"),
        by=("the prize first won by {o}",), lag=(-60, -27),
    ),
    Relation(
        "giver", "prize", "university",
        ("{S} is awarded by {o}.", "{S} is presented each year at {o}."),
        ("Which university awards {s}?",),
        of=("the university that awards {s}",), lag=(-120, -1),
    ),
    Relation(
        "year", "prize", "year",
        ("{S} was first awarded in {o}.", "{S} has existed since {o}."),
        ("In which year was {s} first awarded?", "Since which year has {s} existed?"),
        lag=(0, 0), compare=_older("Which prize is older, {a} or {b}?", "the older of {a} and {b}"),
    ),
)  # fmt: skip
