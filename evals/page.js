"use strict";
const cases = [...document.querySelectorAll(".case")];
const chosen = {};
for (const group of document.querySelectorAll(".filters")) {
  const buttons = [...group.querySelectorAll("button")];
  group.hidden = false;
  for (const button of buttons) {
    button.addEventListener("click", () => {
      chosen[group.dataset.by] = button.value;
      for (const each of buttons) each.setAttribute("aria-pressed", String(each === button));
      for (const each of cases) {
        each.hidden = Object.entries(chosen).some(([by, value]) => value && each.dataset[by] !== value);
      }
      const shown = cases.filter((each) => !each.hidden).length;
      document.getElementById("shown").textContent = `${shown} of ${cases.length} shown`;
    });
  }
}
