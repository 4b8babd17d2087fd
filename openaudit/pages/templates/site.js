// Sorts and filters the index. Without it the page reads as well: everything is there, grouped by label.
"use strict";
{
  const tables = [...document.querySelectorAll("table.models")];
  const rows = tables.flatMap((table) => [...table.tBodies[0].rows]);
  const names = new Map(rows.map((row) => [row, row.cells[0].textContent.toLowerCase()]));
  const levels = ["none", "low", "medium", "high", "unknown"];

  const key = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.key ? String(levels.indexOf(cell.dataset.key)) : cell.textContent.toLowerCase();
  };

  const sort = (column, down) => {
    for (const table of tables) {
      const keyed = [...table.tBodies[0].rows].map((row) => [key(row, column), names.get(row), row]);
      keyed.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] < b[1] ? -1 : 1));
      if (down) keyed.reverse();
      table.tBodies[0].append(...keyed.map((one) => one[2]));
      [...table.tHead.rows[0].cells].forEach((head, at) => {
        if (at === column) head.setAttribute("aria-sort", down ? "descending" : "ascending");
        else head.removeAttribute("aria-sort");
      });
    }
  };

  for (const table of tables) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => sort(column, head.getAttribute("aria-sort") === "ascending"));
    });
  }

  const find = document.getElementById("find");
  const told = document.getElementById("told");
  const show = () => {
    const wanted = find.value.trim().toLowerCase();
    let n = 0;
    for (const row of rows) {
      row.hidden = !names.get(row).includes(wanted);
      n += !row.hidden;
    }
    for (const table of tables) table.closest("section").hidden = ![...table.tBodies[0].rows].some((row) => !row.hidden);
    told.textContent = wanted ? told.dataset.told.replace("{n}", n).replace("{all}", rows.length) : "";
  };
  if (rows.length > 1) {
    document.getElementById("tools").hidden = false;
    find.addEventListener("input", show);
    document.getElementById("tools").addEventListener("submit", (event) => event.preventDefault());
  }
}
