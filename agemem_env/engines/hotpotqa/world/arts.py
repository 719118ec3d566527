"""Books, music and pictures."""

from __future__ import annotations

from agemem_env.engines.hotpotqa.world.schema import Compare, Kind, Relation
from agemem_env.engines.hotpotqa.world.words import TITLES

_NOVEL_COLOUR = (
    "{S} is told in alternating chapters.", "{S} was banned in two provinces.",
    "Reviewers compared {s} to a well-made clock.", "The manuscript of {s} was found in a biscuit tin.",
    "{S} has never been out of print.", "{S} ends in the middle of a sentence.",
)  # fmt: skip
_MUSIC_COLOUR = (
    "{S} was recorded almost entirely at night.", "{S} sold poorly at first.",
    "The sleeve of {s} shows an empty swimming pool.",
    "{S} was played on the radio far more than anyone had expected.",
    "Two takes were spliced together for the opening of {s}.",
)  # fmt: skip
_STAGE_COLOUR = (
    "{S} calls for a chorus of {#12-60} voices.", "The overture to {s} is often played on its own.",
    "{S} was withdrawn after a handful of evenings and revived a generation later.",
    "The last act of {s} was rewritten during rehearsals.", "{S} is famous for its silent third scene.",
)  # fmt: skip
_PICTURE_COLOUR = (
    "{S} was cut from its frame during a burglary and recovered undamaged.",
    "An earlier sketch for {s} is in private hands.", "{S} darkened badly and was cleaned with great care.",
    "The frame of {s} is the original one.", "{S} was long thought to be a copy.",
)  # fmt: skip

ART_KINDS: tuple[Kind, ...] = (
    Kind(
        "novel", "novel",
        TITLES,
        (1850, 2005),
        ("{S} is a {nation} novel.",),
        _NOVEL_COLOUR,
        ("the novel {n}", "{n}", "the {nation} novel {n}"),
    ),
    Kind(
        "album", "album",
        TITLES,
        (1968, 2012),
        ("{S} is an album of popular music made in {country}.",
        "{S} is a {nation} studio album."),
        _MUSIC_COLOUR,
        ("the album {n}", "the {nation} album {n}"),
    ),
    Kind(
        "song", "song",
        TITLES,
        (1935, 2010),
        ("{S} is a {nation} song.", "{S} is a song from {country} with a slow refrain."),
        _MUSIC_COLOUR[1:2] + _MUSIC_COLOUR[3:],
        ("the song {n}", "the {nation} song {n}"),
    ),
    Kind(
        "opera", "opera",
        TITLES,
        (1830, 1985),
        ("{S} is an opera in {#2-5} acts.", "{S} is a {nation} opera."),
        _STAGE_COLOUR,
        ("the opera {n}", "the {nation} opera {n}"),
    ),
    Kind(
        "painting", "painting",
        TITLES,
        (1830, 1980),
        ("{S} is a {nation} painting.",
        "{S} is a large oil painting."),
        _PICTURE_COLOUR,
        ("the painting {n}", "the {nation} painting {n}"),
    ),
)  # fmt: skip

ART_RELATIONS: tuple[Relation, ...] = (
    Relation(
        "author", "novel", "novelist",
        ("{S} was written by {o}.", "{S} is the second novel by {o}.", "{o} wrote {s} in a boarding house.",
        "{S} is a work of {o}."),
        ("Who wrote {s}?", "Who is the author of {s}?"),
        of=("the author of {s}", "the writer of {s}", "the person who wrote {s}"),
        by=("the novel written by {o}",), lag=(-58, -25), inverse="novel_written",
        both="Were {a} and {b} written by the same person?",
    ),
    Relation(
        "publisher", "novel", "company",
        ("{S} was published by {o}.", "{S} appeared with the firm of {o}, which printed very few copies.",
        "{o} brought out {s} in a plain grey cover."),
        ("Which company published {s}?", "Who published {s}?"),
        of=("the company that published {s}", "the publisher of {s}"), lag=(-60, -1),
    ),
    Relation(
        "setting", "novel", "island",
        ("{S} is set on the island of {o}.", "The story of {s} takes place on {o}.",
        "All of {s} takes place on {o}."),
        ("On which island is {s} set?", "On which island does the story of {s} take place?"),
        of=("the island on which {s} is set",),
    ),
    Relation(
        "year", "novel", "year",
        ("{S} was published in {o}.", "{S} first appeared in {o}.", "The first edition of {s} is dated {o}."),
        ("In which year was {s} published?", "When did {s} first appear?"),
        lag=(0, 0), compare=(Compare(False, "Which was published first, {a} or {b}?",
        "the earlier of the novels {a} and {b}"),),
    ),
    Relation(
        "pages", "novel", "number",
        ("The first edition of {s} has {o}.", "{S} runs to {o}."),
        ("How many pages does {s} have?",),
        span=(96, 1340), unit="pages", compare=(Compare(True, "Which book has more pages, {a} or {b}?",
        "the longer of the novels {a} and {b}"),),
    ),
    Relation(
        "theme", "novel", "theme",
        ("{S} deals with {o}.", "At the centre of {s} is {o}."),
        ("With what does {s} deal?", "What is at the centre of {s}?"),
    ),
    Relation(
        "hero_job", "novel", "profession",
        ("The main character of {s} is a {o}.", "The main character of {s} works as a {o}."),
        ("What is the profession of the main character of {s}?",),
    ),
    Relation(
        "band", "album", "band",
        ("{S} was recorded by {o}.", "{S} is the {#4-9}th album by {o}.", "{o} made {s} after a long break."),
        ("Which band recorded {s}?", "By which band is {s}?"),
        of=("the band that recorded {s}", "the band behind {s}"), by=("the album recorded by {o}",),
        lag=(-14, -1), inverse="hit_album",
    ),
    Relation(
        "producer", "album", "producer",
        ("{S} was produced by {o}.", "{o} produced {s}.", "The producer of {s} was {o}."),
        ("Who produced {s}?", "Who was the producer of {s}?"),
        of=("the producer of {s}", "the person who produced {s}"), by=("the album produced by {o}",),
        lag=(-45, -23), inverse="produced", both="Did {a} and {b} have the same producer?",
    ),
    Relation(
        "studio_town", "album", "town",
        ("{S} was recorded in {o}.", "{S} was taped in a disused cinema in {o}."),
        ("In which town was {s} recorded?",),
        of=("the town in which {s} was recorded",),
    ),
    Relation(
        "year", "album", "year",
        ("{S} came out in {o}.", "{S} was released in {o} without any advertising."),
        ("In which year was {s} released?", "When did {s} come out?"),
        lag=(0, 0), compare=(Compare(False, "Which album is older, {a} or {b}?",
        "the older of the albums {a} and {b}"),),
    ),
    Relation(
        "copies", "album", "number",
        ("{S} sold {o}.", "Worldwide sales of {s} reached {o}."),
        ("How many copies of {s} were sold?", "How many copies did {s} sell?"),
        span=(1200, 984000), unit="copies",
    ),
    Relation(
        "writer", "song", "singer",
        ("{S} was written by {o}.", "{o} wrote {s} on a train.", "{S} is a composition by {o}."),
        ("Who wrote {s}?", "Who is the writer of {s}?"),
        of=("the writer of {s}", "the singer who wrote {s}"), by=("the song written by {o}",), lag=(-45, -19),
    ),
    Relation(
        "song_about", "song", "ship",
        ("{S} is about the loss of the {o}.", "{S} tells of the sinking of the {o}.",
        "{S} commemorates the {o}."),
        ("About which ship is {s}?", "Which ship does {s} commemorate?"),
        of=("the ship commemorated in {s}",), lag=(-70, -5),
    ),
    Relation(
        "year", "song", "year",
        ("{S} was first recorded in {o}.", "{S} dates from {o}."),
        ("In which year was {s} first recorded?", "From which year does {s} date?"),
        lag=(0, 0), compare=(Compare(False, "Which song is older, {a} or {b}?",
        "the older of the two songs {a} and {b}"),),
    ),
    Relation(
        "composer", "opera", "composer",
        ("{S} was composed by {o}.", "The music of {s} is by {o}.", "{o} composed {s} as a wedding present."),
        ("Who composed {s}?", "By whom is the music of {s}?"),
        of=("the composer of {s}", "the person who composed {s}"), by=("the opera composed by {o}",),
        lag=(-58, -24), inverse="opera",
    ),
    Relation(
        "premiere", "opera", "theatre",
        ("{S} was first performed at {o}.", "The first night of {s} took place at {o}.",
        "{S} had its premiere at {o}."),
        ("At which theatre was {s} first performed?", "Where did {s} have its premiere?"),
        of=("the theatre where {s} was first performed", "the theatre that staged the premiere of {s}"),
        lag=(-90, -2),
    ),
    Relation(
        "date", "opera", "date",
        ("The premiere of {s} took place on {o}.", "{S} was first heard on {o}."),
        ("On what date was {s} first heard?", "When did the premiere of {s} take place?"),
        lag=(0, 0), compare=(Compare(False, "Which opera was performed first, {a} or {b}?",
        "the earlier of the operas {a} and {b}"),),
    ),
    Relation(
        "theme", "opera", "theme",
        ("The libretto of {s} is about {o}.", "{S} dramatises {o}."),
        ("What is the libretto of {s} about?", "What does {s} dramatise?"),
    ),
    Relation(
        "painter", "painting", "painter",
        ("{S} was painted by {o}.", "{S} is a work by {o}.", "{o} painted {s} from memory."),
        ("Who painted {s}?", "By whom was {s} painted?"),
        of=("the painter of {s}", "the person who painted {s}"), by=("the picture painted by {o}",),
        lag=(-60, -22), inverse="masterpiece",
    ),
    Relation(
        "hangs_in", "painting", "museum",
        ("{S} hangs in {o}.", "{S} can be seen in {o}.", "{S} is on show in {o}."),
        ("In which museum does {s} hang?", "In which museum can {s} be seen?"),
        of=("the museum where {s} hangs", "the museum in which {s} can be seen"), lag=(-60, 25),
        both="Do {a} and {b} hang in the same museum?",
    ),
    Relation(
        "subject", "painting", "subject",
        ("{S} shows {o}.", "{S} depicts {o}."),
        ("What does {s} show?", "What is depicted in {s}?"),
    ),
    Relation(
        "year", "painting", "year",
        ("{S} was finished in {o}.", "{S} is signed and dated {o}."),
        ("In which year was {s} finished?", "What is the date on {s}?"),
        lag=(0, 0), compare=(Compare(False, "Which was painted first, {a} or {b}?",
        "the older of the paintings {a} and {b}"),),
    ),
    Relation(
        "width", "painting", "number",
        ("{S} is {o} wide.", "Without its frame {s} measures {o} across."),
        ("How wide is {s}?",),
        span=(31, 640), unit="centimetres", compare=(Compare(True, "Which picture is wider, {a} or {b}?",
        "the wider of the paintings {a} and {b}"),),
    ),
)  # fmt: skip
