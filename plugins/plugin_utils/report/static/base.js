/* Copyright: (c) 2026, certops.intune contributors
 * GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* What a report does in the browser. Without it everything can be read all the same. */
(() => {
  "use strict";
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  /* Light or dark: what the system wants, until the button says otherwise. */
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : prefersDark.matches);
  const nameButton = () => { button.querySelector("span").textContent = isDark() ? "Light colours" : "Dark colours"; };
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    nameButton();
  });
  prefersDark.addEventListener("change", nameButton);
  nameButton();
  button.hidden = false;

  /* Tables: each tbody is one row with what belongs to it. */
  const valueOf = (body, column) => body.rows[0].cells[column].dataset.sort ?? "";
  const compare = {
    text: (a, b) => a.localeCompare(b, undefined, { numeric: true }),
    number: (a, b) => Number(a) - Number(b),
  };
  for (const table of all("table[data-sortable]")) {
    all("thead th[data-kind]", table).forEach((head) => {
      const press = document.createElement("button");
      press.type = "button";
      press.append(...head.childNodes);
      head.append(press);
      press.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        all("thead th", table).forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const order = compare[head.dataset.kind];
        const column = head.cellIndex;
        const bodies = [...table.tBodies].map((body) => [valueOf(body, column), body]);
        bodies.sort((a, b) => (down ? -1 : 1) * order(a[0], b[0]));
        table.append(...bodies.map((pair) => pair[1]));
      });
    });
  }

  /* The filter: every word has to stand somewhere in the row. */
  for (const input of all("input[data-filters]")) {
    const bodies = [...document.getElementById(input.dataset.filters).tBodies];
    const texts = new Map(bodies.map((body) => [body, body.textContent.toLowerCase()]));
    const exact = new Map(bodies.map((body) => [body, all(".chip", body.rows[0]).map((chip) => chip.textContent.trim().toLowerCase())]));
    const said = document.getElementById(input.getAttribute("aria-describedby"));
    const apply = () => {
      const wanted = input.value.trim().toLowerCase();
      const words = wanted.split(/\s+/);
      const isState = bodies.some((body) => exact.get(body).includes(wanted));
      let shown = 0;
      for (const body of bodies) {
        const hit = isState ? exact.get(body).includes(wanted) : words.every((word) => texts.get(body).includes(word));
        body.hidden = !hit;
        shown += hit ? 1 : 0;
      }
      said.textContent = wanted ? `${shown} of ${bodies.length}` : `${bodies.length} in all`;
    };
    input.addEventListener("input", apply);
    input.closest("[hidden]").hidden = false;
    apply();
    for (const link of all("a[data-filter]")) {
      link.addEventListener("click", () => {
        input.value = link.dataset.filter;
        apply();
      });
    }
  }

  /* A link to a row shows the row with its details. */
  const reveal = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (!target || target.tagName !== "TBODY") return;
    if (target.hidden) {
      const input = document.querySelector(`input[data-filters="${target.parentElement.id}"]`);
      input.value = "";
      input.dispatchEvent(new Event("input"));
    }
    all("details", target).slice(0, 1).forEach((details) => { details.open = true; });
    target.scrollIntoView({ block: "start" });
    target.focus({ preventScroll: true });
  };
  addEventListener("hashchange", reveal);
  reveal();

  /* The picture: what is pointed at, and everything that its lines lead to in both directions. */
  for (const flow of all("svg.flow")) {
    const boxes = new Map(all(".box", flow).map((box) => [box.dataset.node, box]));
    const curves = all(".curve[data-from]", flow);
    const follow = (start, near, far) => {
      const lit = [];
      let ends = new Set([start]);
      while (ends.size) {
        const found = curves.filter((curve) => ends.has(curve.dataset[near]) && !lit.includes(curve));
        lit.push(...found);
        ends = new Set(found.map((curve) => curve.dataset[far]));
      }
      return lit;
    };
    const trace = (box) => {
      clear();
      const key = box.dataset.node;
      const lit = [...follow(key, "from", "to"), ...follow(key, "to", "from")];
      lit.forEach((curve) => {
        curve.classList.add("lit");
        [curve.dataset.from, curve.dataset.to].forEach((end) => boxes.get(end).classList.add("lit"));
      });
      box.classList.add("lit");
      flow.classList.add("traced");
    };
    const clear = () => {
      flow.classList.remove("traced");
      all(".lit", flow).forEach((one) => one.classList.remove("lit"));
    };
    for (const box of boxes.values()) {
      box.addEventListener("pointerenter", () => trace(box));
      box.addEventListener("pointerleave", clear);
      box.addEventListener("focus", () => trace(box));
      box.addEventListener("blur", clear);
    }
  }

  /* Paper has no buttons to press. */
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = all("details:not([open])");
    opened.forEach((details) => { details.open = true; });
  });
  addEventListener("afterprint", () => opened.forEach((details) => { details.open = false; }));
})();
