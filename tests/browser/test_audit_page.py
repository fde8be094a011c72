# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of an audit in a browser, used as a person would: with the pointer, with the keyboard, on a phone, on paper,
in the dark, and without JavaScript.
"""

from __future__ import annotations

import re
import typing as t

import pytest
from ansible_collections.certops.intune.tests.unit.plugins.plugin_utils.report import samples

from tools.chromium import ENTER, RIGHT, SPACE, TAB

if t.TYPE_CHECKING:
    from ansible_collections.certops.intune.tests.browser.conftest import Show

SAMPLES = ("small", "large", "empty", "hostile")
SCHEMES = ("light", "dark")

#: Text of the first column of the rows that are shown.
ROWS = """
return [...document.querySelectorAll('#templates-table > tbody')]
    .filter((body) => !body.hidden).map((body) => body.querySelector('.title').textContent)
"""
#: What is between an element with text and its background, for every text that can be seen.
CONTRASTS = """
const number = (text) => {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const context = canvas.getContext('2d', {willReadFrequently: true});
  context.fillStyle = text;
  context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data];
};
const known = new Map();
const colour = (text) => known.get(text) ?? known.set(text, number(text)).get(text);
const light = ([r, g, b]) => [r, g, b].map((value) => value / 255)
    .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
    .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
const behind = (element) => {
  if (element.closest('a.box') && element.namespaceURI.endsWith('svg')) {
    return colour(getComputedStyle(element.closest('a.box').querySelector('.frame')).fill);
  }
  for (let at = element; at; at = at.parentElement) {
    const found = colour(getComputedStyle(at).backgroundColor);
    if (found[3] === 255) return found;
  }
  throw new Error('nothing is behind ' + element.outerHTML);
};
const found = [];
for (const element of document.querySelectorAll('body *')) {
  const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join('').trim();
  const skipped = element.closest('script, title, .unseen, .skip, symbol');
  if (!text || skipped || !element.checkVisibility({visibilityProperty: true})) continue;
  const style = getComputedStyle(element);
  const front = colour(element.namespaceURI.endsWith('svg') ? style.fill : style.color);
  const [a, b] = [light(front), light(behind(element))].sort((x, y) => y - x);
  found.push([(a + 0.05) / (b + 0.05), text.slice(0, 40), element.className.baseVal ?? element.className]);
}
return [found.length, found.filter(([ratio]) => ratio < 4.5)];
"""
#: Controls without a name, by the attributes and contents that give one.
NAMELESS = """
const named = (element) => (element.getAttribute('aria-label') || element.textContent.trim()
    || (element.labels && [...element.labels].map((label) => label.textContent).join('')) || '').trim();
const controls = 'a[href], button, input, summary, [tabindex="0"]';
return [...document.querySelectorAll(controls)]
    .filter((element) => !named(element) && !element.getAttribute('aria-labelledby'))
    .map((element) => element.outerHTML.slice(0, 100));
"""
FOCUSED = "const at = document.activeElement; return at.getAttribute('data-node') ?? at.id ?? at.textContent"


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_console_stays_empty(show: Show, name: str, scheme: str) -> None:
    """No error, and nothing that the content security policy had to forbid."""
    browser = show(name, scheme=scheme)
    assert browser.run("return document.readyState") == "complete"
    assert browser.console() == []
    assert browser.run("return performance.getEntriesByType('resource').map((one) => one.name)") == []


def test_the_policy_is_in_force(show: Show) -> None:
    browser = show("small")
    browser.run("const made = document.createElement('script'); made.textContent = 'window.slipped = 1';"
                "document.body.append(made)")  # fmt: skip
    assert browser.run("return window.slipped") is None
    assert any("Content Security Policy" in line for line in browser.console())


def test_hostile_names_run_nothing(show: Show) -> None:
    browser = show("hostile")
    assert browser.run("return document.querySelectorAll('script, style').length") == 2
    assert browser.run("return document.title").startswith("PKI audit of <script>")
    assert browser.run("return document.querySelectorAll('img, iframe, link').length") == 0


def test_a_column_is_sorted_by_a_click_and_back_by_another(show: Show) -> None:
    browser = show("small")
    before = browser.run(ROWS)
    assert len(before) == 9
    head = "#templates-table th:nth-child(1)"
    browser.click(f"{head} button")
    ordered = browser.run(ROWS)
    assert ordered == sorted(before, key=str.casefold)
    assert browser.run(f"return document.querySelector('{head}').ariaSort") == "ascending"
    browser.click(f"{head} button")
    assert browser.run(ROWS) == ordered[::-1]
    assert browser.run("return [...document.querySelectorAll('#templates-table th[aria-sort]')].map((one) => "
                       "one.textContent + ' ' + one.ariaSort)") == ["Template descending"]  # fmt: skip


def test_periods_are_sorted_as_lengths(show: Show) -> None:
    browser = show("small")
    browser.click("#templates-table th:nth-child(8) button")
    shown = browser.run("return [...document.querySelectorAll('#templates-table td[data-label=\"Valid for\"]')]"
                        ".map((cell) => cell.textContent)")  # fmt: skip
    assert shown == sorted(shown, key=lambda text: int(text.split()[0]))
    assert len(set(shown)) > 1


@pytest.mark.parametrize("key", [ENTER, SPACE])
def test_a_column_is_sorted_with_the_keyboard(show: Show, key: str) -> None:
    browser = show("small")
    browser.run("document.getElementById('filter').focus()")
    # Past the region that scrolls, to the first of the heads.
    for _step in range(4):
        browser.keys(TAB)
        if browser.run("return document.activeElement.tagName") == "BUTTON":
            break
    assert browser.run("return document.activeElement.textContent") == "Template"
    browser.keys(key)
    assert browser.run(ROWS) == sorted(browser.run(ROWS), key=str.casefold)
    assert browser.run("return document.activeElement.textContent") == "Template"


def test_the_filter_shows_what_has_every_word(show: Show) -> None:
    browser = show("small")
    browser.run("document.getElementById('filter').focus()")
    browser.keys(*"intune esc1")
    assert browser.run(ROWS) == ["Intune PKCS", "Intune SCEP"]
    assert browser.run("return document.getElementById('filter-count').textContent") == "2 of 9"
    assert browser.run("return document.getElementById('filter-count').getAttribute('aria-live')") == "polite"


def test_a_tile_filters_by_its_state_alone(show: Show) -> None:
    browser = show("small")
    browser.click(".tile.watch")
    # Not those that would have to be watched if they were issued.
    assert browser.run(ROWS) == ["Intune PKCS", "Intune SCEP", "Web Server"]


def test_everything_can_be_reached_with_the_keyboard_and_is_seen(show: Show) -> None:
    """Tab through the whole page: each stop is marked, none is left out, and none is a trap."""
    browser = show("small")
    controls = browser.run("""
        return [...document.querySelectorAll('a[href], button, input, summary, [tabindex="0"]')]
            .filter((one) => one.checkVisibility() && (one.type !== 'radio' || one.checked)
                && !(one.closest('details:not([open])') && one.tagName !== 'SUMMARY')).length""")
    stops = 0
    unmarked = []
    while stops < controls + 5:
        browser.keys(TAB)
        state = browser.run("""
            const at = document.activeElement;
            if (at === document.body) return null;
            const shown = at.matches('.pick') ? at.nextElementSibling
                : at.matches('.box') ? at.querySelector('.frame') : at;
            const style = getComputedStyle(shown);
            const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
            return [at.matches(':focus-visible') && (outlined || parseFloat(style.strokeWidth) >= 3), at.outerHTML]""")
        if state is None:
            break
        stops += 1
        if not state[0]:
            unmarked.append(state[1][:100])
    assert unmarked == []
    assert stops == controls


def test_the_first_stop_leads_past_everything(show: Show) -> None:
    browser = show("small")
    browser.keys(TAB)
    assert browser.run("return document.activeElement.textContent") == "Skip to the content"
    assert browser.run("return document.activeElement.getBoundingClientRect().top") >= 0
    browser.keys(ENTER)
    assert browser.run("return document.activeElement.id") == "main"


def test_a_box_lights_up_its_lines(show: Show) -> None:
    browser = show("small")
    lit = """
        const flow = document.querySelector('.view1 svg.flow');
        return [flow.classList.contains('traced'),
            [...flow.querySelectorAll('.box.lit .boxtitle')].map((one) => one.textContent).sort(),
            flow.querySelectorAll('.curve.lit').length]"""
    wifi = browser.run("return [...document.querySelectorAll('.view1 .box.dangerous')].map((one) => "
                       "one.dataset.node).at(-1)")  # fmt: skip
    box = f".view1 [data-node={wifi}]"
    title = browser.run(f"return document.querySelector('{box} .boxtitle').textContent")
    browser.point_at(box)
    traced, titles, curves = browser.run(lit)
    assert traced
    assert {title, samples.ISSUING} < set(titles)
    assert curves == len(titles) - 1
    browser.point_at("h1")
    assert browser.run(lit) == [False, [], 0]
    # The same with the keyboard.
    browser.run(f"document.querySelector('{box}').focus()")
    assert browser.run(lit) == [True, titles, curves]


def test_a_box_leads_to_its_row_with_the_details_open(show: Show) -> None:
    browser = show("small")
    browser.run("document.getElementById('filter').value = 'nothing has this';"
                "document.getElementById('filter').dispatchEvent(new Event('input'))")  # fmt: skip
    assert browser.run(ROWS) == []
    browser.run("document.querySelector('.view1 .box.dangerous').focus()")
    browser.keys(ENTER)
    assert browser.wait_for("return document.activeElement.matches('#templates-table tbody')")
    assert browser.run("return document.activeElement.querySelector('details').open")
    assert len(browser.run(ROWS)) == 9


def test_the_picture_of_the_choice_is_shown(show: Show) -> None:
    browser = show("large")
    shown = "return [...document.querySelectorAll('.view')].map((one) => one.checkVisibility())"
    assert browser.run(shown) == [True, False, False]
    browser.run("document.querySelector('.pick').focus()")
    browser.keys(RIGHT)
    assert browser.run(shown) == [False, True, False]


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_is_as_wide_as_the_window(show: Show, name: str, width: int) -> None:
    browser = show(name, width=width)
    browser.run("document.querySelectorAll('details').forEach((one, index) => { one.open = index < 40; })")
    assert browser.run("return [document.documentElement.scrollWidth, innerWidth]") == [width, width]


@pytest.mark.parametrize("name", ["small", "hostile"])
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [1280, 390])
def test_text_can_be_read(show: Show, name: str, scheme: str, width: int) -> None:
    """Contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3) for every text, details open."""
    browser = show(name, scheme=scheme, width=width)
    browser.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    count, too_low = browser.run(CONTRASTS)
    assert count > 150
    assert too_low == []


def test_colours_follow_the_system_until_the_button_says_otherwise(show: Show) -> None:
    background = "return getComputedStyle(document.body).backgroundColor"
    light = show("small", scheme="light").run(background)
    browser = show("small", scheme="dark")
    dark = browser.run(background)
    assert light != dark
    assert browser.run("return document.getElementById('theme').textContent") == "Light colours"
    browser.click("#theme")
    assert browser.run(background) == light
    assert browser.run("return document.getElementById('theme').textContent") == "Dark colours"


@pytest.mark.parametrize("name", SAMPLES)
def test_every_control_has_a_name(show: Show, name: str) -> None:
    assert show(name).run(NAMELESS) == []


def test_headings_name_the_regions(show: Show) -> None:
    browser = show("small")
    names = browser.run("return [...document.querySelectorAll('main > section')].map((one) => "
                        "document.getElementById(one.getAttribute('aria-labelledby')).textContent)")  # fmt: skip
    assert names[0] == "Who may enroll for what"
    assert len(names) == len(set(names)) == 7


def test_without_javascript_everything_is_there(show: Show) -> None:
    browser = show("small", script=False)
    # Its own script has not run; what the driver asks does.
    state = browser.devtools("DOM.getDocument", depth=-1)
    html = browser.devtools("DOM.getOuterHTML", nodeId=state["root"]["nodeId"])["outerHTML"]
    assert 'id="theme" hidden=""' in html
    assert "<button" not in html.split("<thead>")[1].split("</thead>")[0]
    assert re.search(r'<p class="filter" hidden="">', html)
    assert html.count('class="title"') >= 9
    assert "Remedy." in html
    tree = browser.devtools("Accessibility.getFullAXTree")["nodes"]
    spoken = [node.get("name", {}).get("value") for node in tree if not node.get("ignored")]
    assert "Wi-Fi users" in spoken


def test_on_paper_everything_is_open_and_light(show: Show) -> None:
    browser = show("small", scheme="dark")
    assert browser.run("return [...document.querySelectorAll('details')].some((one) => one.open)") is False
    browser.run("dispatchEvent(new Event('beforeprint'))")
    browser.prefer("dark", media="print")
    assert browser.run("return [...document.querySelectorAll('details')].every((one) => one.open)")
    assert browser.run("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.run("return getComputedStyle(document.body).color") == "rgb(23, 33, 44)"
    assert not browser.run("return document.querySelector('.contents').checkVisibility()")
    browser.run("dispatchEvent(new Event('afterprint'))")
    assert browser.run("return [...document.querySelectorAll('details')].some((one) => one.open)") is False
