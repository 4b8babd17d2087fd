// Sorts the models and finds among them, and sets two side by side. Without it the page reads as well: all is there.
"use strict";
(() => {
  // A link to a cell's evidence opens what holds it, in browsers that do not do so by themselves.
  const sought = () => decodeURIComponent(location.hash.slice(1));
  const reveal = () => {
    const found = document.getElementById(sought());
    const holder = found && found.closest("details");
    if (holder && !holder.open) {
      holder.open = true;
      found.scrollIntoView();
    }
  };
  addEventListener("hashchange", reveal);
  reveal();

  const table = document.getElementById("models");
  if (!table) return;
  const find = document.getElementById("find");
  const is = document.getElementById("is");
  const says = document.getElementById("says");
  const order = document.getElementById("order");
  const tools = document.getElementById("tools");
  const told = document.getElementById("told");
  const signs = "mpqune";
  const heads = [...table.querySelectorAll("[data-key]")];
  const groups = [...table.tBodies].map((body) => ({ body, head: body.rows[0], rows: [...body.rows].slice(1) }));
  const models = groups.flatMap(({ body, rows }) =>
    rows.map((row) => {
      const [claim, distance] = row.dataset.k.split(" ").map(Number);
      const title = row.cells[0].firstChild.textContent;
      return { row, body, is: body.dataset.is, title, name: title.toLowerCase(), claim, distance };
    }),
  );
  models.forEach((model, at) => {
    model.at = at;
  });
  // Rows at once: of a long list more would make the browser think, and there is a button for all of them.
  const MOST = models.length > 100 ? 30 : 100;
  const more = document.getElementById("more");
  let key = "rung";
  let down = false;
  let all = false;

  const value = (model) => {
    if (key === "name" || key === "claim" || key === "distance") return model[key];
    const cell = model.row.cells[Number(key) + 1];
    return cell.className ? signs.indexOf(cell.className.slice(-1)) : cell.textContent.toLowerCase();
  };

  const fits = (model, words) =>
    (!is.value || model.is === is.value) &&
    (!says.value || model.claim === Number(says.value)) &&
    words.every((word) => model.name.includes(word));

  const sorted = (found) => {
    const turn = down ? -1 : 1;
    const valued = found.map((model) => ({ model, value: key === "rung" ? model.at : value(model) }));
    valued.sort((a, b) => turn * (a.value < b.value ? -1 : a.value > b.value ? 1 : 0) || a.model.at - b.model.at);
    return valued.map((one) => one.model);
  };

  const show = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = models.filter((model) => fits(model, words));
    const grouped = key === "rung" && !down;
    const shown = (grouped ? found : sorted(found)).slice(0, all ? found.length : MOST);
    for (const body of [...table.tBodies]) body.remove();
    const bodies = document.createDocumentFragment();
    if (grouped) {
      for (const { body, head } of groups) {
        const rows = shown.filter((model) => model.body === body).map((model) => model.row);
        body.replaceChildren(head, ...rows);
        if (rows.length) bodies.append(body);
      }
    } else {
      const body = document.createElement("tbody");
      body.append(...shown.map((model) => model.row));
      bodies.append(body);
    }
    table.append(bodies);
    table.classList.toggle("flat", !grouped);
    order.value = key;
    for (const head of heads) {
      const way = head.dataset.key === key ? (down ? "descending" : "ascending") : "none";
      if (head.getAttribute("aria-sort") !== way) head.setAttribute("aria-sort", way);
    }
    more.hidden = shown.length === found.length;
    const number = (n) => n.toLocaleString(document.documentElement.lang);
    const counted = told.dataset.told.replace("{n}", number(found.length)).replace("{all}", number(models.length));
    const chosen = order.selectedOptions[0].textContent + (down ? " ↓" : "");
    told.textContent = `${counted} ${told.dataset.order.replace("{order}", chosen)}`;
  };

  const sort = (by, falling) => {
    key = by;
    down = falling;
    show();
  };

  const showAll = () => {
    all = true;
    show();
  };

  for (const head of heads) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(head.dataset.key, head.dataset.key === key && !down));
    head.append(button);
    head.setAttribute("aria-sort", "none");
  }
  find.addEventListener("input", show);
  is.addEventListener("change", show);
  says.addEventListener("change", show);
  order.addEventListener("change", () => sort(order.value, false));
  tools.addEventListener("submit", (event) => event.preventDefault());
  tools.addEventListener("reset", () => setTimeout(() => sort("rung", false)));
  more.addEventListener("click", showAll);
  addEventListener("beforeprint", showAll);
  addEventListener("hashchange", () => {
    const id = sought();
    const meant = [...groups.map((group) => group.head), ...models.map((model) => model.row)].find((row) => row.id === id);
    if (meant && !meant.isConnected) {
      tools.reset();
      key = "rung";
      down = false;
      showAll();
      meant.scrollIntoView();
    }
  });
  tools.hidden = false;
  show();

  // ------------------------------------------------------------------ two side by side

  const pair = document.getElementById("pair");
  if (!pair || models.length < 3) return;
  const place = document.getElementById("beside");
  const chosen = [...pair.querySelectorAll("select")];
  const make = (name, attributes, ...children) => {
    const made = document.createElement(name);
    for (const [key, text] of Object.entries(attributes)) made.setAttribute(key, text);
    made.append(...children);
    return made;
  };

  const beside = () => {
    const two = chosen.map((select) => models.find((model) => model.row.id === select.value));
    place.hidden = !two[0] || !two[1] || two[0] === two[1];
    if (place.hidden) {
      place.replaceChildren();
      return;
    }
    const rows = heads.slice(1).map((head, at) => {
      const cells = two.map((model) => model.row.cells[at + 1]);
      return { title: head.textContent, cells, alike: cells[0].className === cells[1].className };
    });
    const who = two.map((model) => {
      const head = make("th", { scope: "col" });
      head.append(...[...model.row.cells[0].childNodes].map((node) => node.cloneNode(true)));
      return head;
    });
    const body = (title, some) =>
      make(
        "tbody",
        {},
        make("tr", { class: "stage" }, make("th", { scope: "rowgroup", colspan: 3 }, make("b", { class: "stage-name" }, title))),
        ...some.map(({ title, cells }) =>
          make(
            "tr",
            {},
            make("th", { scope: "row" }, title),
            ...cells.map((cell, at) => {
              const link = cell.firstElementChild;
              const sign = make("a", { class: `s ${cell.className}`, href: link.getAttribute("href") }, link.textContent);
              return make("td", { "data-label": two[at].title }, sign);
            }),
          ),
        ),
      );
    const differing = rows.filter((row) => !row.alike);
    const alike = rows.filter((row) => row.alike);
    const counted = place.dataset.told.replace("{n}", differing.length).replace("{all}", rows.length);
    place.replaceChildren(
      make("p", { role: "status" }, counted),
      make(
        "table",
        { class: "stack flat" },
        make("thead", {}, make("tr", {}, make("td", {}), ...who)),
        ...(differing.length ? [body(place.dataset.differs, differing)] : []),
        ...(alike.length ? [body(place.dataset.alike, alike)] : []),
      ),
    );
  };

  const PAIR = "two=";
  const asked = () => {
    if (!sought().startsWith(PAIR)) return;
    const ids = sought().slice(PAIR.length).split("&");
    chosen.forEach((select, at) => {
      select.value = ids[at] || "";
    });
    beside();
    pair.scrollIntoView();
  };

  const named = [...models].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const select of chosen) {
    select.append(...named.map((model) => new Option(model.title, model.row.id)));
    select.addEventListener("change", () => {
      beside();
      if (!place.hidden) history.replaceState(null, "", `#${PAIR}${chosen.map((one) => one.value).join("&")}`);
    });
  }
  pair.addEventListener("submit", (event) => event.preventDefault());
  pair.hidden = false;
  addEventListener("hashchange", asked);
  asked();
})();
