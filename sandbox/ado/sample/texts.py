"""Bodies of the sample items: HTML as people and their tools leave it, and Markdown."""

# ruff: noqa: E501 - fragments of markup are cut where their meaning is, not where a line ends

from __future__ import annotations

import random

HTML_BODIES: tuple[str, ...] = (
    (
        "<div>Travellers tell us that <b>the first page decides</b>: if the departure is not there within"
        ' <i>two</i> seconds, they call. See <a href="https://saltwind.example/research/2024?from=board&amp;page=2">the'
        " study</a>.</div><div><br></div><div>What we want:</div><ul><li>one field for the route</li><li>one for the day"
        "<ul><li>today is chosen already</li><li>a month at a glance</li></ul></li><li>nothing else</li></ul>"
    ),
    (
        "<h2>Purpose</h2><p>The gate staff work with gloves on. Everything must be usable with <u>one thumb</u>.</p>"
        '<h3>Steps</h3><ol><li>Scan</li><li>Listen<ol type="a"><li>one beep: board</li><li>two beeps: ask</li></ol></li>'
        "<li>Wave on</li></ol><hr><p><s>Printing is still possible.</s> Printing ends in spring.</p>"
    ),
    (
        '<table border="1" style="border-collapse:collapse"><thead><tr><th>Vehicle</th><th>Length</th><th>Lane</th></tr>'
        "</thead><tbody><tr><td>Motorcycle</td><td>&lt; 3&nbsp;m</td><td>M</td></tr><tr><td>Car</td><td>3&ndash;5 m</td>"
        '<td rowspan="2">A or B</td></tr><tr><td>Car with trailer</td><td>5&ndash;9 m</td></tr><tr><td>Coach</td>'
        '<td colspan="2"><i>ask the mate</i></td></tr></tbody></table><div>Lengths are measured, not believed.</div>'
    ),
    (
        '<div>The harbour answers with</div><pre><code>HTTP/1.1 202 Accepted\nX-Berth: 3\n\n{"manifest": "received",'
        ' "people": 412}</code></pre><div>Anything but <code>202</code> is repeated after <code>2 ** n</code> seconds.'
        "</div>"
    ),
    (
        '<p class="MsoNormal" style="margin:0cm 0cm 8pt;line-height:107%;font-family:Calibri,sans-serif"><span lang="EN-GB">'
        'Minutes of the meeting, pasted from the text processor:<o:p></o:p></span></p><p class="MsoListParagraph" style="'
        'text-indent:-18.0pt"><!--[if !supportLists]--><span>&middot;<span style="font:7.0pt \'Times New Roman\'">&nbsp;&nbsp;'
        '&nbsp;</span></span><!--[endif]-->Fares are frozen until <b style="mso-bidi-font-weight:normal">1 March</b></p>'
        '<p class="MsoListParagraph">&middot; The second vessel gets the same tablets</p>'
    ),
    (
        '<div><font face="Calibri" size="2" color="#1F497D">Hello team,</font></div><div><font size="2">forwarding what'
        ' came in this morning.</font></div><blockquote style="border-left:2px solid #ccc;padding-left:8px"><div><b>From:</b>'
        " A traveller</div><div><b>Subject:</b> two seats, one price?</div><div><br></div><div>We paid twice &amp; sat once."
        "</div><blockquote><div>Your order was received.</div></blockquote></blockquote>"
    ),
    (
        "<div>Everything is fine 👍🏽 but the flag 🇳🇴 breaks the column: ⛴️&nbsp;12:05 → 12:45, 👩‍✈️ on the bridge.</div><div>"
        "Prices: 12&thinsp;€, 3½ hours, 5 × 4, ≤ 2°.</div>"
    ),
    (
        '<div dir="rtl">يجب أن تظهر أوقات المغادرة <b>باللغة العربية</b> من اليمين إلى اليسار.</div><div>The departure board'
        ' has to mirror itself: time on the left, harbour on the right.</div><div dir="rtl">שעת היציאה: 12:05</div>'
    ),
    (
        '<div><span style="color:rgb(255,0,0);background-color:yellow">Careful:</span> <span style="font-weight:700">the'
        ' ramp</span> moves while <span style="text-decoration:underline">the light is red</span>.</div><div>H<sub>2</sub>O'
        " level at mark 10<sup>2</sup>.</div><div><br></div><div><br></div><div>Three empty lines above are meant.</div>"
    ),
    (
        "<p>As a <strong>traveller</strong> I want to see the lane before I queue, so that I do not change lanes.</p><p>☐ lane"
        ' on the pass<br>☑ lane on the board<br>☐ lane spoken</p><p>Contact: <a href="mailto:gate@saltwind.example">'
        'gate@saltwind.example</a>, <a href="tel:+4700000000">gate phone</a>, https://saltwind.example/lanes</p>'
    ),
    (
        "<dl><dt>Berth</dt><dd>where a vessel lies</dd><dt>Lane</dt><dd>where a vehicle waits</dd></dl><details><summary>More"
        "</summary><p>Lanes are numbered from the water.</p></details><p>Unclosed <b>bold and <i>italic</b> text</i> as the"
        " old editor wrote it.<p>Second paragraph without an end"
    ),
    (
        "<div>&nbsp;</div><div>&nbsp; &nbsp;indented with blanks</div><div>Path: C:\\Tickets\\2024 and {curly} *stars* _lines_"
        " [brackets] |pipes|</div><div>&lt;b&gt;not bold&lt;/b&gt; &amp;amp; not an ampersand</div>"
    ),
)

MARKDOWN_BODIES: tuple[str, ...] = (
    (
        "## Why\n\nThe **saver** fare sells out _first_, then people call.\n\n## How\n\n1. show both fares\n2. mark the last"
        " five seats\n   - in red\n   - with a number\n\n> Do not sound urgent.\n\n| fare | change | refund |\n|---|:-:|--:|\n|"
        " saver | no | 0 % |\n| flexible | yes | 100 % |\n"
    ),
    (
        'Run it like this:\n\n```python\ndef lane(length: float) -> str:\n    return "A" if length < 5 else "B"\n```\n\nthen'
        " look at `var/lanes.csv`.\n\n- [x] written\n- [ ] reviewed\n\nMore at [the handbook](https://saltwind.example/handbook"
        ' "Handbook") and <https://saltwind.example/plan>.'
    ),
)

HTML_COMMENTS: tuple[str, ...] = (
    "<div>Tried it at the north pier: works, even in the rain.</div>",
    "<div>Two questions:</div><ol><li>Does it work for groups?</li><li>Who tells the mate?</li></ol>",
    (
        "<div>Numbers from Saturday:</div><table><tbody><tr><td>boarded</td><td>412</td></tr><tr><td>booked</td><td>415</td>"
        "</tr></tbody></table>"
    ),
    "<div>Done &amp; dusted 🎉</div>",
    "<div><pre>10:02 ramp down\n10:04 first car\n10:31 last car</pre></div>",
)

MARKDOWN_COMMENTS: tuple[str, ...] = (
    "Agreed. **One** thing: the text is too long for the board.",
    "```\nWARN berth 3: no answer for 30 s\n```\n\nHappened again tonight.",
    "- tested on the old scanner\n- tested on the new one\n\n> both fine",
)

ACCEPTANCE = (
    (
        "<ul><li><b>Given</b> a full departure</li><li><b>when</b> somebody searches</li><li><b>then</b> it is shown, greyed,"
        " with the reason</li></ul>"
    ),
    "<div>1. Works without a network.</div><div>2. Works with one hand.</div><div>3. Takes less than a second.</div>",
    "<p>The sum on the receipt equals the sum of its lines, always.</p>",
)

REPRO = (
    (
        "<div><b>Steps</b></div><ol><li>Book {n} passengers</li><li>Go back once</li><li>Pay</li></ol><div><b>Expected</b>: one"
        " charge</div><div><b>Seen</b>: two charges</div>"
    ),
    "<div>Happens on the {n} o'clock departure only.</div><pre>Traceback: index {n} out of range</pre>",
)

SYSTEM_INFO = "<div>Phone: model {n}</div><div>Browser: 120.{n}</div><div>Language: nb-NO</div>"

_STEP_TEXTS = (
    ("Open the booking page", "The page shows today's departures"),
    ("Choose route &lt;b&gt;Mölle&lt;/b&gt; to &lt;i&gt;Skagen&lt;/i&gt;", "Departures with free places are listed"),
    ("Enter @passengers passengers", "The price for @passengers is shown"),
    ("Pay with the test card", "A receipt arrives within a minute"),
    ("Scan the code at the gate", "One beep; the lane is spoken"),
)


def steps_xml(dice: random.Random, *, shared: int | None = None) -> str:
    """Test steps as the service stores them; a shared step is referred to by its work item."""
    chosen = dice.sample(_STEP_TEXTS, 3)
    rows = []
    for number, (action, expected) in enumerate(chosen, start=2):
        kind = "ValidateStep" if expected else "ActionStep"
        rows.append(
            f'<step id="{number}" type="{kind}"><parameterizedString isformatted="true">&lt;P&gt;{action}&lt;/P&gt;'
            f'</parameterizedString><parameterizedString isformatted="true">&lt;P&gt;{expected}&lt;/P&gt;'
            "</parameterizedString><description/></step>"
        )
    last = len(chosen) + 1
    if shared is not None:
        last += 1
        rows.append(f'<compref id="{last}" ref="{shared}" />')
    return f'<steps id="0" last="{last}">{"".join(rows)}</steps>'


PARAMETERS = '<parameters><param name="passengers" bind="default"/></parameters>'
DATA_SOURCE = (
    "<NewDataSet><xs:schema id='NewDataSet' xmlns:xs='http://www.w3.org/2001/XMLSchema'/>"
    "<Table1><passengers>1</passengers></Table1><Table1><passengers>7</passengers></Table1></NewDataSet>"
)
