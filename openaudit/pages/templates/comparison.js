"use strict";
(() => {
  // A link to a cell's evidence opens what holds it, in browsers that do not do so by themselves.
  const reveal = () => {
    const found = document.getElementById(decodeURIComponent(location.hash.slice(1)));
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
      const name = row.cells[0].firstChild.textContent.toLowerCase();
      return { row, body, is: body.dataset.is, name, claim, distance };
    }),
  );
  models.forEach((model, at) => {
    model.at = at;
  });
  // Rows at once: of a long list more would make the browser think, and there is a button for all of them.
  const MOST = models.length > 100 ? 50 : 100;
  const more = document.getElementById("more");
  let key = "rung";
  let down = false;
  let all = false;

  const value = (model) =>
    key === "name" || key === "claim" || key === "distance"
      ? model[key]
      : signs.indexOf(model.row.cells[Number(key) + 1].className);

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
    for (const { body, head } of groups) {
      const rows = grouped ? shown.filter((model) => model.body === body).map((model) => model.row) : [];
      body.replaceChildren(head, ...rows);
      if (rows.length) table.append(body);
    }
    if (!grouped) {
      const body = document.createElement("tbody");
      body.append(...shown.map((model) => model.row));
      table.append(body);
    }
    table.classList.toggle("flat", !grouped);
    order.value = key;
    for (const head of heads) {
      head.setAttribute("aria-sort", head.dataset.key === key ? (down ? "descending" : "ascending") : "none");
    }
    more.hidden = shown.length === found.length;
    const counted = told.dataset.told.replace("{n}", found.length).replace("{all}", models.length);
    const chosen = order.selectedOptions[0].textContent;
    told.textContent = `${counted} ${order.labels[0].firstChild.textContent.trim()}: ${chosen}${down ? " ↓" : ""}.`;
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
    const id = decodeURIComponent(location.hash.slice(1));
    const sought = [...groups.map((group) => group.head), ...models.map((model) => model.row)].find((row) => row.id === id);
    if (sought && !sought.isConnected) {
      tools.reset();
      key = "rung";
      down = false;
      showAll();
      sought.scrollIntoView();
    }
  });
  tools.hidden = false;
  show();
})();
