"""Which words mean the same, which mean the opposite, and which carry nothing: data for `agemem_env.text.clauses`.

The lists are small on purpose and cover what the suite's tasks talk of; a word that is in none of them stands for
itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from agemem_env.text.words import STOP_WORDS, word_set


def _classes(text: str) -> Mapping[str, str]:
    """Return each word of a line, mapped to the first one of that line."""
    lines = [line.split() for line in text.strip().splitlines()]
    return MappingProxyType({word: line[0] for line in lines for word in line})


SAME: Mapping[str, str] = _classes(
    """
    above over exceeding
    below under beneath underneath
    more greater larger higher
    less fewer smaller lower
    clean washed spotless
    cool cold chilled
    garbagecan trashcan bin
    start begin begins starts begun
    gripper hand
    end finish finishes ends
    pour pours poured dispense dispenses dispensed supplies supplied
    hold holds holding held carries carried carry contains contain contained containing
    belong belongs goes should wanted meant
    clear uncovered
    empty vacant
    loose slack
    tight tightened firm
    locked bolted
    flat deflated
    inflated pumped
    jacked raised
    ground floor
    join between joins joined connects connected connecting connect links linked leads lead
    wall walls
    grey gray
    house home houses
    laboratory lab
    workshop workroom
    outside outdoors
    produced produce produces producer producers producing
    directed direct directs director directors directing
    written wrote write writes writer writers author authors authored penned
    command commanded commands commander captain captained
    made make makes making
    record recorded recording recordings taped
    born birth
    died die dies death
    founded found founder founders established establish founding
    formed form formation
    plays play played playing player
    drums drummer drum
    fronted front fronts frontman singer
    theatre theater
    town towns
    ship ships vessel steamer
    film films movie movies
    album albums
    launched launch launching
    starred stars star starring
    located location situated lies
    released release releases
    song songs
    known named called name names
    collected collector collectors collect collects collecting
    released release
    wife wives
    husband
    mother
    father
    married marry marries marriage
    """
)
"""Words that may stand for each other, mapped to one of them."""

OPPOSITES: Mapping[str, str] = MappingProxyType(
    {
        a: b
        for line in (
            "above below", "more less", "open closed", "locked unlocked", "start end", "first last", "before after",
            "clean dirty", "full empty", "hot cool", "heavy light", "tight loose", "inflated flat",
            "fastened unfastened",
            "shaken unshaken", "early late", "older younger", "oldest youngest", "larger smaller", "longer shorter",
            "taller shorter", "north south", "east west", "inside outside", "alive dead",
            "north-west south-east", "north-east south-west", "most least", "best worst", "highest lowest",
            "longest shortest", "largest smallest", "true false", "born died", "won lost", "conductive insulating",
            "electrically non-conductive", "dominant recessive", "increase decrease", "always never", "upper lower",
            "steeper shallower",
        )
        for a, b in (line.split(), reversed(line.split()))
    }
)  # fmt: skip
"""Words of which each turns a statement into its opposite, mapped to the other one."""

QUALITIES = word_set(
    "red green blue purple yellow grey black white orange pink brown north south east west north-east north-west "
    "south-east south-west middle belong hold pour join "
    "same different both neither"
)
"""Words that no paraphrase may leave out: colours, directions, rooms, relations."""

DOUBTS = word_set("false wrong untrue incorrect mistaken maybe perhaps possibly allegedly supposedly")
"""Words that deny a whole sentence or leave it open, wherever they stand in it."""

NEGATIONS = DOUBTS | word_set(
    "not no never none nobody nothing neither nor without cannot nowhere hardly formerly previously either unless"
)
"""Words that turn a statement into its opposite, or leave it open."""

WEAK = (
    (
        STOP_WORDS
        | word_set(
            "now currently still already again instead actually lies lie laid put puts placed place kept keep "
            "keeps left leave stored store stands stand standing sits sit resting rests moved move located "
            "there's located's situated today found find finds see seen get gets attempt showed shown shows show "
            "turned remember remembers note notes told say says said noted fact correction corrected update "
            "updated please actual really indeed however therefore also too once located rather in on at by of to "
            "from with into onto than upon within number"
        )
    )
    - QUALITIES
    - OPPOSITES.keys()
    - {"should", "between"}
)
"""Words that a paraphrase may leave out or add."""

ARTICLES = word_set("a an the his her its their this that these those my your our")

OBJECT_MARKERS = word_set("of in on at to with into onto from for upon within inside near beside under below for as")
"""Words before something that is not what a sentence is about: a place, a whole, an owner."""

ROOMS = word_set("kitchen bathroom bedroom workshop greenhouse hallway foundry attic cellar outside living-room")
"""Places that no paraphrase may leave out, and that may be mistaken for each other."""

GENERIC = word_set("house houses home laboratory lab square place")
"""Words that only say of what kind a name is; a paraphrase may leave them out."""

HAVING = word_set("has have had")
"""Words whose subject has what follows, unless a participle follows."""

HOLDERS = HAVING | word_set("hold pour start end own owns owned")
"""Relations whose first part is the place, the owner or the whole of the second."""

OPENERS = word_set(
    "the a an in on at it she he his her its they their this these that those there here above below no not one two "
    "three after before as from with during while when where who which what although though since because for to of "
    "by under over near both each every all some most many several according then first last later today another "
    "other such like you your i my we our if so also and but or nor only after until upon between among within "
    "without despite unlike along together worldwide"
)
"""Words that are capitalised at the beginning of a sentence without being names."""

PHRASES: tuple[tuple[str, str], ...] = (
    (r"(?m)^- mem_[0-9a-f]{8} \(-?\d\.\d+\): ", ""),
    (r"\ba second attempt showed that\b|\bit turned out that\b|\bafter all\b|\bas of now\b|\bby now\b", " "),
    (r"\bno longer\b|\bnot any ?more\b|\bn[o']t any longer\b|\bused to\b", " not "),
    (r"\b(ca|wo|do|did|does|is|was|are|were|has|have|had|could|would|should)n['’]t\b", r"\1 not"),
    (r"\b(?:more|higher|greater|larger|hotter) than (?=\d)", "above "),
    (r"\b(?:less|lower|fewer|smaller|colder) than (?=\d)", "below "),
    (r"\b(?:comes?|flows?|is poured|is served) (?:from|out of|by)\b", "poured by"),
    (r"\b(hand|gripper) (left|right)\b", r"\1 \2-hand"),
    (r"\b(left|right) (?:hand|gripper)\b", r"gripper \1-hand"),
    (r"\b(living|dining|bath|bed|laundry|class) room\b", r"\1-room"),
    (r"\bon top of\b", "on"),
    (r"\bis home to\b|\bis the home of\b", "has"),
    (r"\bnumber (?=\d)|\bno\. ?(?=\d)|#(?=\d)|\bnr\.? (?=\d)", ""),
)
"""Patterns and what takes their place before a text is read."""
